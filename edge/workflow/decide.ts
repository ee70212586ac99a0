import type { Graph } from "./graph.ts";
import { hasEnded, type RunState, type StepError, type StepState } from "./history.ts";
import { runLimits } from "./limits.ts";

export type Command =
  | { readonly kind: "start-step"; readonly step: string; readonly attempt: number }
  | { readonly kind: "succeed-run" }
  | { readonly kind: "fail-run"; readonly error: StepError; readonly step?: string };

/** A step is settled for the graph once its ways out are known. */
type Fate = "open" | "dead" | "done";

function wayIsDead(graph: Graph, state: RunState, fates: Map<string, Fate>, id: string): Fate {
  const step = state.steps.get(id);
  if (step) return step.status === "succeeded" ? "done" : "open";
  const incoming = graph.incoming.get(id) ?? [];
  if (incoming.length === 0) return "open";
  const alive = incoming.some((edge) => {
    const fate = fates.get(edge.from);
    if (fate === "open") return true;
    return fate === "done" && state.steps.get(edge.from)?.port === edge.port;
  });
  return alive ? "open" : "dead";
}

/**
 * A node runs when every edge into it is settled (its source finished, or can no longer run) and at
 * least one of them was taken. So a join waits for all live ways and ignores those not taken.
 */
function isReady(graph: Graph, state: RunState, fates: Map<string, Fate>, id: string): boolean {
  if (state.steps.has(id) || fates.get(id) === "dead") return false;
  return (graph.incoming.get(id) ?? []).every((edge) => fates.get(edge.from) !== "open");
}

function isUnderWay(step: StepState): boolean {
  return step.status === "running";
}

/** A step that was started before and may now go on: retried, resumed or answered. */
function goesOn(state: RunState, step: StepState): boolean {
  if (step.status === "ready") return true;
  if (step.status !== "waiting" || step.wait?.signal === undefined) return false;
  return state.signals.get(step.id)?.has(step.wait.signal) ?? false;
}

function limitError(code: string, message: string, fix: string): StepError {
  return { kind: "input", status: 409, code, message, fix };
}

function exceeded(state: RunState, now: number): StepError | undefined {
  if (state.starts >= runLimits.steps) {
    return limitError(
      "run.too-many-steps",
      `The run started more than ${runLimits.steps} steps.`,
      "Split the work into several runs.",
    );
  }
  if (state.crashes > runLimits.crashes) {
    return limitError(
      "run.crash-loop",
      `The process died ${state.crashes} times in a row without finishing a step.`,
      "Look at the step that was under way: it may need too much memory or time.",
    );
  }
  if (now - state.startedAt > runLimits.durationMs) {
    return limitError("run.too-long", "The run lasted longer than 30 days.", "Start it again.");
  }
  return undefined;
}

function candidates(state: RunState, graph: Graph): { step: string; attempt: number }[] {
  const again = [...state.steps.values()]
    .filter((step) => goesOn(state, step))
    .map((step) => ({ step: step.id, attempt: step.error ? step.attempt + 1 : step.attempt }));
  const fates = new Map<string, Fate>();
  for (const id of graph.order) fates.set(id, wayIsDead(graph, state, fates, id));
  const first = graph.order
    .filter((id) => isReady(graph, state, fates, id))
    .map((step) => ({ step, attempt: 1 }));
  return [...again, ...first];
}

/**
 * What comes next, from nothing but the history's fold and the pinned workflow. No commands and no
 * step under way: the run waits for a timer or a signal.
 */
export function decide(state: RunState, graph: Graph, now: number): Command[] {
  if (state.status === "new" || hasEnded(state)) return [];
  const steps = [...state.steps.values()];
  const underWay = steps.filter(isUnderWay).length;
  const failed = steps.find((step) => step.status === "failed");
  if (failed?.error) {
    // What is under way may finish and be recorded; nothing new begins.
    if (underWay > 0) return [];
    return [{ kind: "fail-run", error: failed.error, step: failed.id }];
  }
  const next = candidates(state, graph);
  const error = next.length > 0 || underWay === 0 ? exceeded(state, now) : undefined;
  if (error) return underWay > 0 ? [] : [{ kind: "fail-run", error }];
  const room = Math.min(runLimits.concurrentSteps - underWay, runLimits.steps - state.starts);
  if (next.length > 0) {
    return next.slice(0, room).map(({ step, attempt }) => ({ kind: "start-step", step, attempt }));
  }
  const waits = steps.some((step) => ["waiting", "retrying", "uncertain"].includes(step.status));
  return underWay > 0 || waits ? [] : [{ kind: "succeed-run" }];
}

/** When the run must be looked at again, at the latest; undefined: only a signal moves it. */
export function nextTimer(state: RunState): number | undefined {
  if (hasEnded(state)) return undefined;
  let earliest = state.startedAt + runLimits.durationMs + 1;
  for (const { wait } of state.steps.values()) {
    if (wait?.until !== undefined) earliest = Math.min(earliest, wait.until);
  }
  return earliest;
}

/** Steps whose timer is due. */
export function dueSteps(state: RunState, now: number): string[] {
  if (hasEnded(state)) return [];
  return [...state.steps.values()]
    .filter(({ wait }) => wait?.until !== undefined && wait.until <= now)
    .map(({ id }) => id);
}
