import { BugError } from "#blueprints/error";
import type { Arrival } from "#blueprints/node-context";
import { type RunEvent, type RunState, type StepState, uncertainSignal } from "./history.ts";

type EventOf<Type extends RunEvent["type"]> = Extract<RunEvent, { type: Type }>;

function known(state: RunState, id: string): StepState {
  const step = state.steps.get(id);
  if (step) return step;
  throw new BugError("run.bad-history", `The history has no start of step "${id}".`);
}

function settle(
  step: StepState,
  event: EventOf<"step-succeeded" | "step-failed" | "step-waiting">,
) {
  step.logs.push(...event.logs);
  step.effects.push(...event.effects);
  delete step.arrival;
  delete step.wait;
}

/** What a step that waited goes on with; kept when the process dies on the way. */
function arrivalOf(state: RunState, step: StepState | undefined): Arrival | undefined {
  const name = step?.status === "waiting" ? step.wait?.signal : undefined;
  if (step === undefined || name === undefined) return step?.arrival;
  return { kind: "signal", name, payload: state.signals.get(step.id)?.get(name) };
}

function start(state: RunState, event: EventOf<"step-started">): void {
  const before = state.steps.get(event.step);
  const arrival = arrivalOf(state, before);
  state.starts += 1;
  state.steps.set(event.step, {
    id: event.step,
    status: "running",
    attempt: event.attempt,
    startedAt: before?.startedAt ?? event.at,
    effect: event.effect,
    input: event.input,
    logs: before?.logs ?? [],
    effects: before?.effects ?? [],
    ...(arrival ? { arrival } : {}),
  });
}

function succeed(state: RunState, event: EventOf<"step-succeeded">): void {
  const step = known(state, event.step);
  settle(step, event);
  Object.assign(step, {
    status: "succeeded",
    port: event.port,
    output: event.output,
    endedAt: event.at,
  });
  Object.assign(state.variables, event.variables);
  state.lastFinished = event.step;
  state.crashes = 0;
}

function fail(state: RunState, event: EventOf<"step-failed">): void {
  const step = known(state, event.step);
  settle(step, event);
  step.error = event.error;
  if (event.until === undefined) Object.assign(step, { status: "failed", endedAt: event.at });
  else Object.assign(step, { status: "retrying", wait: { until: event.until } });
}

function failUncertain(step: StepState, at: number): void {
  Object.assign(step, {
    status: "failed",
    endedAt: at,
    error: {
      kind: "upstream",
      status: 502,
      code: "step.uncertain",
      message: `The platform stopped while step "${step.id}" was acting; whether it took effect is unknown.`,
      fix: "Look at the receiving side, then start the run again, or set `on_uncertain` to `retry` or `ask`.",
    },
  });
}

function interrupt(state: RunState, event: EventOf<"step-interrupted">): void {
  const step = known(state, event.step);
  if (event.policy === "retry") step.status = "ready";
  if (event.policy === "ask") {
    Object.assign(step, { status: "uncertain", wait: { signal: uncertainSignal } });
  }
  if (event.policy === "fail") failUncertain(step, event.at);
}

/** A person's word on an uncertain step: `retry` it, take it as `done`, or fail. */
function settleUncertain(state: RunState, step: StepState, event: EventOf<"signal-received">) {
  const { decision, output } = { ...(event.payload as { decision?: string; output?: unknown }) };
  delete step.wait;
  if (decision === "retry") step.status = "ready";
  else if (decision === "done") {
    Object.assign(step, { status: "succeeded", port: "next", output: output ?? null });
    step.endedAt = event.at;
    state.lastFinished = step.id;
  } else failUncertain(step, event.at);
}

/** A signal counts once; a step that waits for it goes on. */
function receive(state: RunState, event: EventOf<"signal-received">): void {
  const step = state.steps.get(event.step);
  if (event.name === uncertainSignal) {
    if (step?.status === "uncertain") settleUncertain(state, step, event);
    return;
  }
  const signals = state.signals.get(event.step) ?? new Map<string, unknown>();
  state.signals.set(event.step, signals);
  if (!signals.has(event.name)) signals.set(event.name, event.payload);
}

function end(state: RunState, status: "succeeded" | "failed" | "cancelled", at: number): void {
  state.status = status;
  state.endedAt = at;
}

/** Brings `state` up to date with one more event, in place. */
export function applyEvent(state: RunState, event: RunEvent): void {
  switch (event.type) {
    case "run-started":
      Object.assign(state, { status: "running", startedAt: event.at });
      return;
    case "run-recovered":
      state.crashes += 1;
      return;
    case "step-started":
      return start(state, event);
    case "step-succeeded":
      return succeed(state, event);
    case "step-failed":
      return fail(state, event);
    case "step-waiting": {
      const step = known(state, event.step);
      settle(step, event);
      Object.assign(step, { status: "waiting", wait: event.wait });
      return;
    }
    case "step-interrupted":
      return interrupt(state, event);
    case "timer-fired": {
      const step = known(state, event.step);
      if (step.status === "waiting") step.arrival = { kind: "timeout" };
      step.status = "ready";
      delete step.wait;
      return;
    }
    case "signal-received":
      return receive(state, event);
    case "run-succeeded":
      state.output = event.output;
      return end(state, "succeeded", event.at);
    case "run-failed":
      state.error = { ...event.error, ...(event.step ? { step: event.step } : {}) };
      return end(state, "failed", event.at);
    case "run-cancelled":
      return end(state, "cancelled", event.at);
  }
}
