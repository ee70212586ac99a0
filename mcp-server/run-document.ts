import { InputError } from "#blueprints/error";
import { loadCandidate } from "#edge/deploy/candidates";
import { findVersioned } from "#edge/deploy/get";
import type { LiveWorkflow } from "#edge/gateway/live-items";
import type { Caller, OwnRun } from "./run-access.ts";

/** The workflow version that a run took along, with everything that it refers to. */
export async function findRunDocument(
  { services, actor }: Caller,
  { trace, workspace }: OwnRun,
): Promise<LiveWorkflow> {
  const request = { kind: "workflow", id: trace.workflow, workspace } as const;
  const row = await findVersioned(services, actor, request);
  const { live } = (await loadCandidate(services, row, trace.version)).compiled;
  if (live?.kind === "workflow") return live.definition;
  throw new InputError("run.no-workflow", `The workflow "${trace.workflow}" is gone.`, {
    fix: "Create and deploy it again, then invoke it.",
    status: 409,
  });
}
