import type { RunTrace, StepTrace } from "./run-api.ts";

/** A trace as it goes over the wire: snake_case names, times as ISO 8601; without the workspace's id. */
export function toWireTrace(trace: RunTrace) {
  const { id, workspaceId: _, startedAt, endedAt, steps, ...rest } = trace;
  return {
    run_id: id,
    ...rest,
    ...timesOf(startedAt, endedAt, endedAt === undefined ? undefined : endedAt - startedAt),
    steps: steps.map(toWireStep),
  };
}

function toWireStep({ startedAt, endedAt, durationMs, ...step }: StepTrace) {
  return { ...step, ...timesOf(startedAt, endedAt, durationMs) };
}

function timesOf(startedAt: number, endedAt?: number, durationMs?: number) {
  return {
    started_at: new Date(startedAt).toISOString(),
    ...(endedAt === undefined ? {} : { ended_at: new Date(endedAt).toISOString() }),
    ...(durationMs === undefined ? {} : { duration_ms: durationMs }),
  };
}
