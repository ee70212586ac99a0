import type { ChildResult } from "#blueprints/node-context";
import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { childSignal } from "./history.ts";
import type { RunRequest } from "./run-api.ts";
import type { RunState } from "./run-state.ts";
import { runStub } from "./start.ts";
import { toResult } from "./trace.ts";

/**
 * Tells the step that started this run how it ended; repeated until it was heard. A parent that is
 * over, gone, or has its answer need not hear of it.
 */
export async function tellParent(env: Env, run: RunRequest, state: RunState): Promise<void> {
  if (!run.parent || run.parent.detached) return;
  const { id, status, output, error } = toResult(run, state);
  const result: ChildResult = {
    id,
    status: status as ChildResult["status"],
    ...(output === undefined ? {} : { output }),
    ...(error ? { error } : {}),
  };
  const { runId, step } = run.parent;
  const told = await runStub(env, runId).signal(step, childSignal, result);
  if (!told.ok && told.error.status >= 500) unwrap(told);
}

/** Runs that a step started which is over, and that did not end before it. */
function orphansOf(state: RunState): string[] {
  const over = [...state.steps.values()].filter(
    ({ endedAt, signals }) => endedAt !== undefined && !signals.has(childSignal),
  );
  return over.flatMap(({ children }) =>
    [...children].flatMap(([id, { detached }]) => (detached ? [] : [id])),
  );
}

export function hasOrphans(state: RunState): boolean {
  return state.hasChildren && orphansOf(state).length > 0;
}

/** No run outlives the step that started it, unless it was detached. */
export async function endChildren(env: Env, state: RunState): Promise<void> {
  for (const id of state.hasChildren ? orphansOf(state) : []) {
    const ended = await runStub(env, id).cancel("The run that started it is over.");
    if (!ended.ok && ended.error.status >= 500) unwrap(ended);
  }
}
