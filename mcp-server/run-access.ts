import { getRun } from "#edge/deploy/get";
import { slugsOf } from "#edge/deploy/resources";
import type { AccountActor } from "#edge/identity/actor";
import type { Services } from "#edge/services";
import { starterOf } from "#edge/workflow/answerer";
import { runUrl } from "#edge/workflow/find-run";
import type { RunTrace } from "#edge/workflow/run-api";
import { toWireTrace } from "#edge/workflow/wire-trace";
import type { ToolContext } from "./tool.ts";

export type Caller = Pick<ToolContext, "services" | "actor">;

export interface OwnRun {
  readonly trace: RunTrace;
  /** Slug. */
  readonly workspace: string;
}

/** A run in one of the account's workspaces; a foreign one is as unknown as one that never was. */
export async function readOwnRun({ services, actor }: Caller, id: string): Promise<OwnRun> {
  const trace = await getRun(services, actor, id);
  const slugs = await slugsOf(services, actor);
  return { trace, workspace: slugs.get(trace.workspaceId) ?? "" };
}

/** What a run remembers of the call that started it. */
export function startOf(services: Services, actor: AccountActor) {
  return { ...starterOf(actor), baseUrl: services.baseUrl };
}

/** The trace over the wire, with the slug of its workspace and the page for a person. */
export function toWireRun({ services }: Caller, { trace, workspace }: OwnRun) {
  const { run_id, ...rest } = toWireTrace(trace);
  return { run_id, url: runUrl(services.baseUrl, run_id), workspace, ...rest };
}
