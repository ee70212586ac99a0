import { BugError } from "#blueprints/error";
import { endFrame, knownStep, settleStep } from "./fold-status.ts";
import {
  failStep,
  fireTimer,
  interruptStep,
  openStep,
  receiveSignal,
  startStep,
  succeedStep,
  waitStep,
} from "./fold-steps.ts";
import { failSubstep, startSubstep, succeedSubstep } from "./fold-substeps.ts";
import type { EventOf, RunEvent } from "./history.ts";
import { type Frame, framePath, type RunState, splitPath } from "./run-state.ts";

function endRun(
  state: RunState,
  { status, at }: { status: "succeeded" | "failed" | "cancelled"; at: number },
): void {
  state.status = status;
  state.endedAt = at;
  for (const frame of state.open) endFrame(state, frame, { status, at });
}

/** Everything stops but what undoes finished steps. */
function beginCancelling(state: RunState, event: EventOf<"run-cancelling">): void {
  state.cancelling = event.reason;
  for (const step of state.active.values()) {
    if (isUndoing(step.frame)) continue;
    settleStep(state, step, { status: "cancelled", at: event.at });
  }
}

/** Whether a frame is part of a clean-up. */
export function isUndoing(frame: Frame): boolean {
  for (let at: Frame | undefined = frame; at; at = at.owner?.frame) {
    if (at.undoes !== undefined) return true;
  }
  return false;
}

function startFrame(state: RunState, event: EventOf<"frame-started">): void {
  const { step: path, key, port, undoes, at } = event;
  const { frame: around, node } = splitPath(path);
  const outer = state.frames.get(around);
  if (!outer) throw new BugError("run.bad-history", `The history has no frame "${around}".`);
  const frame: Frame = {
    path: framePath(path, key),
    owner: { path, node, frame: outer },
    key,
    port,
    status: "open",
    startedAt: at,
    steps: new Map(),
    ...(undoes === undefined ? {} : { undoes }),
  };
  state.frames.set(frame.path, frame);
  state.open.add(frame);
  state.steps.get(path)?.frames.push(frame);
}

function finishFrame(state: RunState, event: EventOf<"frame-ended">): void {
  const frame = state.frames.get(event.frame);
  if (!frame) throw new BugError("run.bad-history", `The history has no frame "${event.frame}".`);
  if (event.error) frame.error = event.error;
  endFrame(state, frame, event);
}

function startedChild(state: RunState, event: EventOf<"child-started">): void {
  const { step, run, workflow, detached = false } = event;
  knownStep(state, step).children.set(run, { workflow, detached });
  state.hasChildren = true;
}

/** Brings `state` up to date with one more event, in place. */
export function applyEvent(state: RunState, event: RunEvent): void {
  state.seq += 1;
  state.at = Math.max(state.at, event.at);
  switch (event.type) {
    case "run-started":
      Object.assign(state, { status: "running", startedAt: event.at });
      return;
    case "run-recovered":
      state.crashes += 1;
      return;
    case "run-cancelling":
      return beginCancelling(state, event);
    case "step-started":
      return startStep(state, event);
    case "step-opened":
      return openStep(state, event);
    case "step-succeeded":
      return succeedStep(state, event);
    case "step-failed":
      return failStep(state, event);
    case "step-waiting":
      return waitStep(state, event);
    case "step-interrupted":
      return interruptStep(state, event);
    case "timer-fired":
      return fireTimer(state, event);
    case "signal-received":
      return receiveSignal(state, event);
    case "child-started":
      return startedChild(state, event);
    case "substep-started":
      return startSubstep(state, event);
    case "substep-succeeded":
      return succeedSubstep(state, event);
    case "substep-failed":
      return failSubstep(state, event);
    case "frame-started":
      return startFrame(state, event);
    case "frame-ended":
      return finishFrame(state, event);
    case "run-succeeded":
      state.output = event.output;
      return endRun(state, { status: "succeeded", at: event.at });
    case "run-failed":
      state.error = { ...event.error, ...(event.step ? { step: event.step } : {}) };
      return endRun(state, { status: "failed", at: event.at });
    case "run-cancelled":
      return endRun(state, { status: "cancelled", at: event.at });
  }
}
