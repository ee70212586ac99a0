import type { ModelUsage } from "#blueprints/model";
import type { FailureTrace, RunTrace, StepTrace, SubstepTrace } from "./run-api.ts";

/** A trace as it goes over the wire: snake_case names, times as ISO 8601; without the workspace's id. */
export function toWireTrace(trace: RunTrace) {
  const { id, workspaceId: _, startedBy, detachedFrom, startedAt, endedAt, ...more } = trace;
  const { steps, stepCount, nextAfter, ...rest } = more;
  return {
    run_id: id,
    ...rest,
    ...(startedBy === undefined ? {} : { started_by: startedBy }),
    ...(detachedFrom === undefined ? {} : { detached_from: placeOf(detachedFrom) }),
    ...timesOf(startedAt, endedAt, endedAt === undefined ? undefined : endedAt - startedAt),
    steps: steps.map(toWireStep),
    ...(stepCount === undefined ? {} : { step_count: stepCount }),
    ...(nextAfter === undefined ? {} : { next_after: nextAfter }),
  };
}

/** What a step waits for; `until` is milliseconds since 1970, and `until_at` the same as ISO 8601. */
export function toWireWait<Wait extends { readonly until?: number }>(wait: Wait) {
  const { until } = wait;
  return { ...wait, ...(until === undefined ? {} : { until_at: new Date(until).toISOString() }) };
}

function toWireStep({
  startedAt,
  endedAt,
  durationMs,
  models,
  substeps,
  failures,
  wait,
  ...step
}: StepTrace) {
  return {
    ...step,
    ...(wait ? { wait: toWireWait(wait) } : {}),
    ...(failures ? { failures: failures.map(toWireFailure) } : {}),
    ...(models ? { models: models.map(toWireModel) } : {}),
    ...(substeps ? { substeps: substeps.map(toWireSubstep) } : {}),
    ...timesOf(startedAt, endedAt, durationMs),
  };
}

function toWireFailure({ startedAt, endedAt, error }: FailureTrace) {
  return { ...(error ? { error } : {}), ...timesOf(startedAt, endedAt, endedAt - startedAt) };
}

function toWireSubstep({ startedAt, endedAt, models, ...substep }: SubstepTrace) {
  return {
    ...substep,
    ...(models ? { models: models.map(toWireModel) } : {}),
    ...timesOf(startedAt, endedAt, endedAt === undefined ? undefined : endedAt - startedAt),
  };
}

function toWireModel(usage: ModelUsage) {
  const { model, inputTokens, outputTokens, cachedTokens, costUsd, estimated } = usage;
  const { startedAt, durationMs } = usage;
  return {
    model,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    ...(cachedTokens === undefined ? {} : { cached_tokens: cachedTokens }),
    ...(costUsd === undefined ? {} : { cost_usd: costUsd }),
    ...(estimated ? { estimated } : {}),
    ...(startedAt === undefined ? {} : { started_at: new Date(startedAt).toISOString() }),
    duration_ms: durationMs,
  };
}

function timesOf(startedAt: number, endedAt?: number, durationMs?: number) {
  return {
    started_at: new Date(startedAt).toISOString(),
    ...(endedAt === undefined ? {} : { ended_at: new Date(endedAt).toISOString() }),
    ...(durationMs === undefined ? {} : { duration_ms: durationMs }),
  };
}

function placeOf({ runId, ...step }: NonNullable<RunTrace["detachedFrom"]>) {
  return { run_id: runId, ...step };
}
