import type { Arrival } from "#blueprints/node-context";
import { BugError } from "#blueprints/error";
import { knownStep, setStatus, settleStep } from "./fold-status.ts";
import { type EventOf, type StepError, type StepReport, uncertainSignal } from "./history.ts";
import { type RunState, signalsOf, splitPath, type StepState } from "./run-state.ts";

/** Keeps what an attempt reported. */
export function keepReport(
  step: Omit<StepReport, "models"> & { models: object[] },
  report: StepReport,
) {
  step.logs.push(...report.logs);
  step.effects.push(...report.effects);
  step.models.push(...(report.models ?? []));
}

function createStep(state: RunState, event: EventOf<"step-started">): StepState {
  const { frame: at, node } = splitPath(event.step);
  const frame = state.frames.get(at);
  if (!frame) throw new BugError("run.bad-history", `The history has no frame "${at}".`);
  const step: StepState = {
    node,
    path: event.step,
    frame,
    status: "ready",
    attempt: event.attempt,
    attemptedAt: event.at,
    failures: [],
    startedAt: event.at,
    startedSeq: state.seq,
    effect: event.effect,
    input: event.input,
    signals: state.early.get(event.step) ?? new Map<string, unknown>(),
    answers: new Map(),
    expired: new Set(),
    frames: [],
    substeps: new Map(),
    children: new Map(),
    logs: [],
    effects: [],
    models: [],
  };
  state.early.delete(event.step);
  state.steps.set(event.step, step);
  frame.steps.set(node, step);
  return step;
}

/** What a step that waited goes on with; kept when the process dies on the way. */
function arrivalOf(step: StepState): Arrival | undefined {
  if (step.status !== "waiting") return step.arrival;
  const name = signalsOf(step.wait).find((signal) => step.signals.has(signal));
  if (name === undefined) return step.arrival;
  return { kind: "signal", name, payload: step.signals.get(name) };
}

export function startStep(state: RunState, event: EventOf<"step-started">): void {
  const step = state.steps.get(event.step) ?? createStep(state, event);
  const arrival = arrivalOf(step);
  state.starts += 1;
  setStatus(state, step, "running");
  const { attempt, effect, input, at } = event;
  // A step that waited goes on with the attempt that it was in.
  if (step.failures.at(-1)?.startedAt === step.attemptedAt) step.attemptedAt = at;
  Object.assign(step, { attempt, effect, input, ...(arrival ? { arrival } : {}) });
  delete step.error;
  delete step.wait;
}

export function openStep(state: RunState, event: EventOf<"step-opened">): void {
  const step = knownStep(state, event.step);
  keepReport(step, event);
  Object.assign(state.variables, event.variables);
  step.opened = event.opened;
  setStatus(state, step, "open");
}

export function succeedStep(state: RunState, event: EventOf<"step-succeeded">): void {
  const step = knownStep(state, event.step);
  keepReport(step, event);
  step.port = event.port;
  step.output = event.output;
  if (event.raise) step.raise = event.raise;
  Object.assign(state.variables, event.variables);
  finish(state, step, event.at);
}

function finish(state: RunState, step: StepState, at: number): void {
  settleStep(state, step, { status: "succeeded", at });
  step.frame.lastFinished = step;
  state.crashes = 0;
}

export function failStep(state: RunState, event: EventOf<"step-failed">): void {
  const step = knownStep(state, event.step);
  keepReport(step, event);
  step.error = event.error;
  delete step.arrival;
  if (event.until === undefined) {
    settleStep(state, step, { status: "failed", at: event.at });
    state.crashes = 0;
  } else {
    failAttempt(step, event.at, event.error);
    step.wait = { until: event.until };
    leaveOpen(step);
    setStatus(state, step, "retrying");
  }
}

/** Another attempt may follow. */
function failAttempt(step: StepState, endedAt: number, error?: StepError): void {
  const { attemptedAt: startedAt } = step;
  step.failures.push({ startedAt, endedAt, ...(error ? { error } : {}) });
}

export function waitStep(state: RunState, event: EventOf<"step-waiting">): void {
  const step = knownStep(state, event.step);
  keepReport(step, event);
  delete step.arrival;
  step.wait = event.wait;
  for (const name of signalsOf(event.wait)) step.expired.delete(name);
  setStatus(state, step, "waiting");
}

function uncertainError(step: StepState): StepError {
  return {
    kind: "upstream",
    status: 502,
    code: "step.uncertain",
    message: `The platform stopped while step "${step.path}" was acting; whether it took effect is unknown.`,
    fix: "Look at the receiving side, then start the run again, or set `on_uncertain` to `retry` or `ask`.",
  };
}

function failUncertain(state: RunState, step: StepState, at: number): void {
  step.error = uncertainError(step);
  settleStep(state, step, { status: "failed", at });
}

/** What was under way inside and tells its handler has an unknown outcome. */
function leaveOpen(step: StepState): void {
  for (const substep of step.substeps.values()) {
    if (substep.status === "running" && substep.effect === "external" && substep.throws) {
      substep.status = "uncertain";
    }
  }
}

export function interruptStep(state: RunState, event: EventOf<"step-interrupted">): void {
  const step = knownStep(state, event.step);
  if (event.policy === "fail") return failUncertain(state, step, event.at);
  if (event.policy === "ask") step.wait = { signal: uncertainSignal };
  failAttempt(step, event.at);
  leaveOpen(step);
  setStatus(state, step, event.policy === "ask" ? "uncertain" : "ready");
}

export function fireTimer(state: RunState, event: EventOf<"timer-fired">): void {
  const step = knownStep(state, event.step);
  if (step.status === "waiting") {
    step.arrival = { kind: "timeout" };
    for (const name of signalsOf(step.wait)) if (!step.signals.has(name)) step.expired.add(name);
  }
  delete step.wait;
  setStatus(state, step, "ready");
}

/** A person's word on an uncertain step: `retry` it, take it as `done`, or fail. */
function settleUncertain(
  state: RunState,
  step: StepState,
  event: EventOf<"signal-received">,
): void {
  const { decision, output } = { ...(event.payload as { decision?: string; output?: unknown }) };
  const open = [...step.substeps.values()].filter(({ status }) => status === "running");
  delete step.wait;
  if (decision === "retry" || (decision === "done" && open.length > 0)) {
    for (const substep of decision === "done" ? open : []) {
      Object.assign(substep, { status: "succeeded", output: output ?? null, endedAt: event.at });
    }
    setStatus(state, step, "ready");
  } else if (decision === "done") {
    Object.assign(step, { port: "next", output: output ?? null });
    finish(state, step, event.at);
  } else failUncertain(state, step, event.at);
}

/** A signal counts once; a step that waits for it goes on. */
export function receiveSignal(state: RunState, event: EventOf<"signal-received">): void {
  const step = state.steps.get(event.step);
  if (event.name === uncertainSignal) {
    if (step?.status === "uncertain") settleUncertain(state, step, event);
    return;
  }
  const signals = step?.signals ?? state.early.get(event.step) ?? new Map<string, unknown>();
  if (!step) state.early.set(event.step, signals);
  if (signals.has(event.name)) return;
  signals.set(event.name, event.payload);
  const { name, at, by } = event;
  step?.answers.set(name, { at, ...(by === undefined ? {} : { by }) });
}
