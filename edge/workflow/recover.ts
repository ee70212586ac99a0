import { decide } from "./decide.ts";
import type { Program } from "./expression-scope.ts";
import type { RunEvent } from "./history.ts";
import { hasEnded, type RunState, type StepState } from "./run-state.ts";

/** Whether it was acting on the world in a way that must not simply be repeated. */
function isUncertain(step: StepState): boolean {
  const acting = [...step.substeps.values()].some(
    ({ status, effect, throws }) => status === "running" && effect === "external" && !throws,
  );
  return step.effect === "external" || acting;
}

/**
 * What to record when a run is read back from storage: empty unless the process died while steps
 * were under way. Steps that may be repeated are; the others follow their `on_uncertain`, by default
 * `fail`: better a visible failure than a second message.
 */
export function recover(state: RunState, program: Program, now: number): RunEvent[] {
  if (hasEnded(state)) return [];
  const interrupted = [...state.active.values()].filter(({ status }) => status === "running");
  if (interrupted.length === 0 && decide(state, program, now).length === 0) return [];
  return [
    { type: "run-recovered", at: now },
    ...interrupted.map((step): RunEvent => {
      const wanted = program.graph.nodes.get(step.node)?.on_uncertain ?? "fail";
      const policy = isUncertain(step) ? wanted : "retry";
      return { type: "step-interrupted", at: now, step: step.path, policy };
    }),
  ];
}
