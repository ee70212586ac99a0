import type { ScopeDecision } from "#blueprints/node-scope";
import type { Program } from "./expression-scope.ts";
import { isUndoing } from "./fold.ts";
import { failureOf, raisedIn, startable } from "./frames.ts";
import type { StepError } from "./history.ts";
import { runLimits } from "./limits.ts";
import { type Frame, framePath, hasEnded, type RunState, type StepState } from "./run-state.ts";
import { askScope } from "./scopes.ts";
import { nextUndo, undoneBy } from "./undo.ts";

export type Command =
  | {
      readonly kind: "start-step";
      readonly step: string;
      readonly node: string;
      readonly attempt: number;
    }
  | {
      readonly kind: "start-frame";
      /** Path of the step that it belongs to. */
      readonly step: string;
      readonly key: string;
      readonly port: string;
      readonly undoes?: string;
    }
  | {
      readonly kind: "end-frame";
      readonly frame: string;
      readonly status: "succeeded" | "failed" | "cancelled";
      readonly error?: StepError;
    }
  | { readonly kind: "finish-step"; readonly step: string; readonly how: FinishedScope }
  | { readonly kind: "succeed-run" }
  | { readonly kind: "fail-run"; readonly error: StepError; readonly step?: string }
  | { readonly kind: "cancel-run"; readonly reason: string };

export type FinishedScope = NonNullable<ScopeDecision["finish"]>;

/** Something still acts inside: a step under way, in this frame or deeper. */
function isActing(frame: Frame): boolean {
  return [...frame.steps.values()].some(
    (step) => step.status === "running" || (step.status === "open" && step.frames.some(isActing)),
  );
}

/** Nothing new begins in a frame of which a step failed, nor inside it: what is under way is recorded. */
function isDraining({ graph }: Program, frame: Frame): boolean {
  for (let at: Frame | undefined = frame; at; at = at.owner?.frame) {
    if (failureOf(graph, at)) return true;
  }
  return false;
}

function endOf(program: Program, state: RunState, frame: Frame): Command[] {
  const failed = failureOf(program.graph, frame);
  const raised = failed?.error ? { step: failed, error: failed.error } : raisedIn(frame);
  if (frame === state.root) {
    if (!raised) return [{ kind: "succeed-run" }];
    return [{ kind: "fail-run", error: raised.error, step: innermost(raised.step) }];
  }
  return [
    raised
      ? { kind: "end-frame", frame: frame.path, status: "failed", error: raised.error }
      : { kind: "end-frame", frame: frame.path, status: "succeeded" },
  ];
}

/** The step that really failed, where a step failed because one of its frames did. */
function innermost(step: StepState): string {
  const failed = step.frames.findLast(({ error }) => error?.code === step.error?.code);
  const inner = failed && [...failed.steps.values()].find(({ status }) => status === "failed");
  return inner ? innermost(inner) : step.path;
}

function toCommands(
  { graph }: Program,
  step: StepState,
  { cancel, start, finish }: ScopeDecision,
): Command[] {
  const begun = new Set(step.frames.map(({ key }) => key));
  return [
    ...(cancel ?? []).map(
      (key) =>
        ({ kind: "end-frame", frame: framePath(step.path, key), status: "cancelled" }) as const,
    ),
    ...(start ?? [])
      .filter(({ key }) => !begun.has(key))
      .map(({ key, port }): Command => {
        const undoes = undoneBy(graph, step, port);
        const begin = { kind: "start-frame", step: step.path, key, port } as const;
        return undoes === undefined ? begin : { ...begin, undoes };
      }),
    ...(finish ? [{ kind: "finish-step", step: step.path, how: finish } as const] : []),
  ];
}

interface Look {
  readonly program: Program;
  readonly state: RunState;
  readonly now: number;
}

function decideFrame({ program, state, now }: Look, frame: Frame): Command[] {
  if (isDraining(program, frame)) {
    return failureOf(program.graph, frame) && !isActing(frame) ? endOf(program, state, frame) : [];
  }
  const commands: Command[] = [];
  let isOver = true;
  for (const step of frame.steps.values()) {
    if (!state.active.has(step.path)) continue;
    isOver = false;
    if (step.status === "open") {
      commands.push(...toCommands(program, step, askScope(program, state, step, now)));
    }
  }
  const next = startable(program.graph, frame);
  for (const { path: step, node, attempt } of next) {
    commands.push({ kind: "start-step", step, node, attempt });
  }
  return isOver && next.length === 0 ? endOf(program, state, frame) : commands;
}

function limitError(code: string, message: string, fix: string): StepError {
  return { kind: "input", status: 409, code, message, fix };
}

function lastsMsOf({ run }: Program): number {
  return run.lastsMs ?? runLimits.durationMs;
}

function exceeded({ state, program, now }: Look, goesOn: boolean): StepError | undefined {
  if (goesOn && state.starts >= runLimits.steps) {
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
  const lastsMs = lastsMsOf(program);
  if (now - state.startedAt > lastsMs) {
    const days = Math.round(lastsMs / 86_400_000);
    const message = `The run lasted longer than ${days} days.`;
    return limitError("run.too-long", message, "Start it again.");
  }
  return undefined;
}

/** Only as many steps begin as may be under way, and as the run has left. */
function withinLimits(state: RunState, commands: readonly Command[]): Command[] {
  let room = Math.min(runLimits.concurrentSteps - state.running, runLimits.steps - state.starts);
  return commands.filter((command) => {
    if (command.kind !== "start-step") return true;
    room -= 1;
    return room >= 0;
  });
}

/** Finished steps are undone one after the other, the last one first, each once. */
function decideCancelling(look: Look, reason: string): Command[] {
  const { program, state } = look;
  const undoing = [...state.open].filter(isUndoing);
  if (undoing.length > 0) return undoing.flatMap((frame) => decideFrame(look, frame));
  const undo = nextUndo(program.graph, state);
  return undo ? [{ kind: "start-frame", ...undo }] : [{ kind: "cancel-run", reason }];
}

/**
 * What comes next, from nothing but the history's fold and the pinned workflow. No commands and no
 * step under way: the run waits for a timer or a signal.
 */
export function decide(state: RunState, program: Program, now: number): Command[] {
  if (state.status === "new" || hasEnded(state)) return [];
  const look = { program, state, now };
  const commands =
    state.cancelling === undefined
      ? [...state.open].flatMap((frame) => decideFrame(look, frame))
      : decideCancelling(look, state.cancelling);
  const goesOn = commands.some(({ kind }) => kind.startsWith("start-"));
  if (goesOn || (commands.length === 0 && state.running === 0)) {
    const error = exceeded(look, goesOn);
    if (error) return state.running > 0 ? [] : [{ kind: "fail-run", error }];
  }
  return withinLimits(state, commands);
}

/**
 * When the run must be looked at again, at the latest; undefined: only a signal moves it, or the end of
 * a step. A run that lasts too long ends when nothing is under way.
 */
export function nextTimer(state: RunState, program: Program, now: number): number | undefined {
  if (hasEnded(state)) return undefined;
  let earliest = state.running > 0 ? Infinity : state.startedAt + lastsMsOf(program) + 1;
  for (const step of state.active.values()) {
    const until = step.status === "open" ? askScope(program, state, step, now).until : undefined;
    earliest = Math.min(earliest, step.wait?.until ?? Infinity, until ?? Infinity);
  }
  return earliest === Infinity ? undefined : earliest;
}

/** Steps whose timer is due. */
export function dueSteps(state: RunState, now: number): string[] {
  if (hasEnded(state)) return [];
  return [...state.active.values()]
    .filter(({ wait }) => wait?.until !== undefined && wait.until <= now)
    .map(({ path }) => path);
}
