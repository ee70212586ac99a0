import { evaluateExpression } from "#blueprints/expression";
import type { ScopeDecision, ScopeFrame, ScopeView } from "#blueprints/node-scope";
import { serializeError } from "#blueprints/outcome";
import { createScope, type Program } from "./expression-scope.ts";
import { type Frame, framePath, type RunState, type StepState } from "./run-state.ts";

function toScopeFrame(frame: Frame): ScopeFrame {
  const { key, port, status, startedAt, endedAt, error, lastFinished } = frame;
  return {
    key,
    port,
    status,
    startedAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(status === "succeeded" ? { output: lastFinished?.output ?? null } : {}),
    ...(error ? { error } : {}),
  };
}

/** Frames that ended do not change any more. */
const known = new WeakMap<Frame, ScopeFrame>();

function frameOf(frame: Frame): ScopeFrame {
  if (frame.status === "open") return toScopeFrame(frame);
  const before = known.get(frame);
  if (before) return before;
  const made = toScopeFrame(frame);
  known.set(frame, made);
  return made;
}

function viewOf(program: Program, state: RunState, step: StepState, now: number): ScopeView {
  const beside = [...step.frame.steps.values()].filter(({ status }) => status === "succeeded");
  return {
    now,
    opened: step.opened,
    frames: step.frames.map(frameOf),
    finished: beside
      .toSorted((one, other) => (one.endedSeq ?? 0) - (other.endedSeq ?? 0))
      .map(({ node }) => node),
    evaluate(source, { key, names } = {}) {
      const frame = key === undefined ? step.frame : state.frames.get(framePath(step.path, key));
      return evaluateExpression(source, { ...createScope(program, state, frame), ...names });
    },
  };
}

/** What an open step wants next, as its node type says. */
export function askScope(
  program: Program,
  state: RunState,
  step: StepState,
  now: number,
): ScopeDecision {
  const scope = program.graph.definitions.get(step.node)?.scope;
  try {
    if (scope) return scope.next(viewOf(program, state, step, now), step.input);
    return { finish: { error: unknownType(step) } };
  } catch (error) {
    return { finish: { error: serializeError(error) } };
  }
}

function unknownType(step: StepState) {
  return {
    kind: "configuration",
    status: 409,
    code: "step.unknown-type",
    message: `The node type of step "${step.path}" is gone.`,
    fix: "Deploy the workflow with node types of aerostack://node-types.",
  } as const;
}
