import { knownStep } from "./fold-status.ts";
import { keepReport } from "./fold-steps.ts";
import { BugError } from "#blueprints/error";
import type { EventOf } from "./history.ts";
import type { RunState, SubstepState } from "./run-state.ts";

export function startSubstep(state: RunState, event: EventOf<"substep-started">): void {
  const step = knownStep(state, event.step);
  const before = step.substeps.get(event.name);
  state.starts += 1;
  step.substeps.set(event.name, {
    name: event.name,
    status: "running",
    attempt: event.attempt,
    effect: event.effect,
    throws: event.throws ?? false,
    startedAt: before?.startedAt ?? event.at,
    logs: before?.logs ?? [],
    effects: before?.effects ?? [],
    models: before?.models ?? [],
    ...(event.input === undefined ? {} : { input: event.input }),
  });
}

function known(state: RunState, path: string, name: string): SubstepState {
  const substep = knownStep(state, path).substeps.get(name);
  if (substep) return substep;
  throw new BugError("run.bad-history", `The history has no start of "${name}" in step "${path}".`);
}

export function succeedSubstep(state: RunState, event: EventOf<"substep-succeeded">): void {
  const substep = known(state, event.step, event.name);
  keepReport(substep, event);
  const { output, variables, at } = event;
  Object.assign(substep, { status: "succeeded", output, endedAt: at });
  if (variables) substep.variables = variables;
  state.crashes = 0;
}

export function failSubstep(state: RunState, event: EventOf<"substep-failed">): void {
  const substep = known(state, event.step, event.name);
  keepReport(substep, event);
  substep.error = event.error;
  substep.status = event.until === undefined ? "failed" : "retrying";
  if (event.until === undefined) substep.endedAt = event.at;
}
