import { InputError } from "#blueprints/error";
import { applyEvent } from "./fold.ts";
import type { RunEvent } from "./history.ts";
import { createState, type StepState } from "./run-state.ts";

/** What finished before, and the scopes that are still open around it, are kept. */
function isKept(step: StepState | undefined): boolean {
  return step !== undefined && ["succeeded", "failed", "open"].includes(step.status);
}

/**
 * The part of a history that a new run goes on from so that `step` comes next: all that had finished
 * when it first started. What was under way then begins anew. Times are those of the new run.
 * @throws InputError `run.unknown-step`
 */
export function eventsBefore(history: readonly RunEvent[], step: string): RunEvent[] {
  const end = history.findIndex((event) => event.type === "step-started" && event.step === step);
  if (end < 0) {
    throw new InputError("run.unknown-step", `The run did not start a step "${step}".`, {
      status: 404,
      fix: "Use the id of a step that get_run shows.",
    });
  }
  const before = history.slice(0, end);
  const state = createState();
  for (const event of before) applyEvent(state, event);
  return before.filter((event) => {
    if (event.type.startsWith("run-")) return event.type === "run-started";
    if (event.type === "child-started" || !("step" in event)) return event.type === "frame-ended";
    return isKept(state.steps.get(event.step ?? ""));
  });
}
