import { decide } from "./decide.ts";
import type { Program } from "./expression-scope.ts";
import type { RunEvent, StepError } from "./history.ts";
import { runLimits } from "./limits.ts";
import { hasEnded, type RunState, type StepState } from "./run-state.ts";

/** Whether it was acting on the world in a way that must not simply be repeated. */
function isUncertain(step: StepState): boolean {
  const acting = [...step.substeps.values()].some(
    ({ status, effect, throws }) => status === "running" && effect === "external" && !throws,
  );
  return step.effect === "external" || acting;
}

function crashLoop(step: string): StepError {
  return {
    kind: "input",
    status: 409,
    code: "step.crash-loop",
    message: `The process died ${runLimits.crashes + 1} times in a row while "${step}" was under way.`,
    fix: "Look at what the step does: it may need too much memory or time.",
  };
}

/**
 * What to record when a run is read back from storage: empty unless the process died while steps
 * were under way. Steps that may be repeated are; the others follow their `on_uncertain`, by default
 * `fail`: better a visible failure than a second message. Steps that were under way at one death after
 * the other, without any getting finished, fail: who catches errors gets that one too.
 */
export function recover(state: RunState, program: Program, now: number): RunEvent[] {
  if (hasEnded(state)) return [];
  const interrupted = [...state.active.values()].filter(({ status }) => status === "running");
  if (interrupted.length === 0 && decide(state, program, now).length === 0) return [];
  const isPoisoned = state.crashes >= runLimits.crashes;
  return [
    { type: "run-recovered", at: now },
    ...interrupted.map((step): RunEvent => {
      if (isPoisoned) {
        const error = crashLoop(step.path);
        return { type: "step-failed", at: now, step: step.path, error, logs: [], effects: [] };
      }
      const wanted = program.graph.nodes.get(step.node)?.on_uncertain ?? "fail";
      const policy = isUncertain(step) ? wanted : "retry";
      return { type: "step-interrupted", at: now, step: step.path, policy };
    }),
  ];
}
