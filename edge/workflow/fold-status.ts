import { BugError } from "#blueprints/error";
import type { Frame, RunState, StepState } from "./run-state.ts";

const over: ReadonlySet<StepState["status"]> = new Set(["succeeded", "failed", "cancelled"]);

/** The step at a path. A history never speaks of one that was not started. */
export function knownStep(state: RunState, path: string): StepState {
  const step = state.steps.get(path);
  if (step) return step;
  throw new BugError("run.bad-history", `The history has no start of step "${path}".`);
}

/** Changes the status, and with it what counts as under way. */
export function setStatus(state: RunState, step: StepState, status: StepState["status"]): void {
  if (step.status === "running") state.running -= 1;
  if (status === "running") state.running += 1;
  step.status = status;
  if (over.has(status)) state.active.delete(step.path);
  else state.active.set(step.path, step);
}

/** The step is over. */
export function settleStep(
  state: RunState,
  step: StepState,
  { status, at }: { status: "succeeded" | "failed" | "cancelled"; at: number },
): void {
  setStatus(state, step, status);
  step.endedAt = at;
  step.endedSeq = state.seq;
  delete step.wait;
  delete step.arrival;
  for (const frame of step.frames) {
    // A cancelled run still finishes what undoes its steps.
    const stays = state.cancelling !== undefined && frame.undoes !== undefined;
    if (!stays) endFrame(state, frame, { status: "cancelled", at });
  }
}

/** The frame is over, and with it all that still ran inside. */
export function endFrame(
  state: RunState,
  frame: Frame,
  { status, at }: { status: Exclude<Frame["status"], "open">; at: number },
): void {
  if (frame.status !== "open") return;
  frame.status = status;
  frame.endedAt = at;
  state.open.delete(frame);
  for (const step of frame.steps.values()) {
    if (!over.has(step.status)) settleStep(state, step, { status: "cancelled", at });
  }
}
