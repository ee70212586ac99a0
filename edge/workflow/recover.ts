import type { Graph } from "./graph.ts";
import { decide } from "./decide.ts";
import { hasEnded, type RunEvent, type RunState } from "./history.ts";

/**
 * What to record when a run is read back from storage: empty unless the process died while steps
 * were under way. Steps that may be repeated are; the others follow their `on_uncertain`, by default
 * `fail`: better a visible failure than a second message.
 */
export function recover(state: RunState, graph: Graph, now: number): RunEvent[] {
  if (hasEnded(state)) return [];
  const interrupted = [...state.steps.values()].filter((step) => step.status === "running");
  if (interrupted.length === 0 && decide(state, graph, now).length === 0) return [];
  return [
    { type: "run-recovered", at: now },
    ...interrupted.map((step): RunEvent => {
      const policy =
        step.effect === "external" ? (graph.nodes.get(step.id)?.on_uncertain ?? "fail") : "retry";
      return { type: "step-interrupted", at: now, step: step.id, policy };
    }),
  ];
}
