import { getRun } from "#edge/deploy/get";
import { slugsOf } from "#edge/deploy/resources";
import type { RunTrace } from "#edge/workflow/run-api";
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

/** A trace as it goes over the wire. */
export function toWireTrace({ trace, workspace }: OwnRun) {
  const { workspaceId: _, startedAt, endedAt, steps, id, ...rest } = trace;
  return {
    run_id: id,
    workspace,
    ...rest,
    started_at: new Date(startedAt).toISOString(),
    ...(endedAt === undefined ? {} : { duration_ms: endedAt - startedAt }),
    steps: steps.map(({ startedAt: started, endedAt: ended, durationMs, ...step }) => ({
      ...step,
      started_at: new Date(started).toISOString(),
      ...(ended === undefined ? {} : { ended_at: new Date(ended).toISOString() }),
      ...(durationMs === undefined ? {} : { duration_ms: durationMs }),
    })),
  };
}
