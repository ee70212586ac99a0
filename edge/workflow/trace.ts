import { toMermaid } from "#blueprints/diagram";
import type { RunRow } from "#edge/gateway/records";
import { type Answerer, mayDecide } from "./answerer.ts";
import type { StepError, StepWait } from "./history.ts";
import type {
  FailureTrace,
  OpenWait,
  Review,
  RunParent,
  RunRequest,
  RunResult,
  RunTrace,
  StepTrace,
  SubstepTrace,
} from "./run-api.ts";
import { pageOf, type TracePage } from "./trace-page.ts";
import type { FailedAttempt, RunState, StepState, SubstepState } from "./run-state.ts";

/** `running`, or `waiting` when nothing moves before a timer or a signal comes. */
export function statusOf(state: RunState): RunRow["status"] {
  if (state.status === "new") return "running";
  if (state.status !== "running") return state.status;
  const steps = [...state.active.values()];
  const waits = steps.some(({ status }) => status === "waiting" || status === "uncertain");
  const moves = steps.some(({ status }) => ["running", "ready", "retrying"].includes(status));
  return waits && !moves ? "waiting" : "running";
}

/** It waits for somebody or something outside, not just for runs that it has started. */
export function waitsForOthers(state: RunState): boolean {
  if (statusOf(state) !== "waiting") return false;
  return [...state.active.values()].some(
    ({ status, wait }) =>
      status === "uncertain" || (status === "waiting" && wait?.child === undefined),
  );
}

export function toResult(run: RunRequest, state: RunState): RunResult {
  const status = statusOf(state);
  return {
    id: run.id,
    status,
    ...(status === "succeeded" ? { output: state.output } : {}),
    ...(state.error ? { error: { ...plain(state.error), ...stepOf(state.error) } } : {}),
    ...(status === "waiting" ? { waits: openWaits(state) } : {}),
  };
}

function openWaits(state: RunState): OpenWait[] {
  return [...state.active.values()].flatMap(({ status, path, wait }) =>
    status === "waiting" && wait ? [{ step: path, ...publicWait(wait) }] : [],
  );
}

/** How words answer is between the step and a chat. */
function publicWait(wait: StepWait): Omit<StepWait, "inWords"> {
  const { inWords: _, ...shown } = wait;
  return shown;
}

/** Those of them that this person may decide. */
export function toReviews(run: RunRequest, state: RunState, by: Answerer): Review[] {
  return openWaits(state)
    .filter((wait) => mayDecide(wait, run, by))
    .map((wait) => {
      const { signal: _, signals: __, child: ___, isOpen: ____, ...shown } = wait;
      const starter = run.startedBy === undefined ? {} : { startedBy: run.startedBy };
      return { runId: run.id, workflow: run.name, ...starter, ...shown };
    });
}

export function toRunRow(run: RunRequest, state: RunState): RunRow {
  return {
    id: run.id,
    workflow: run.name,
    version: run.version,
    status: statusOf(state),
    trigger: run.trigger,
    startedAt: state.startedAt,
    ...(state.endedAt === undefined ? {} : { endedAt: state.endedAt }),
    ...(state.error ? { error: state.error.code } : {}),
  };
}

/** `page`: that part of its steps; absent: all. */
export function toTrace(run: RunRequest, state: RunState, page?: TracePage): RunTrace {
  const types = new Map(run.document.workflow.nodes.map(({ id, type }) => [id, type]));
  const all = [...state.steps.values()];
  const traceOf = (step: StepState) => toStep(step, types.get(step.node) ?? "", state);
  return {
    ...toHead(run, state),
    input: run.input,
    ...(page ? pageOf(all, page, traceOf) : { steps: all.map(traceOf) }),
    diagram: toMermaid(run.document.workflow, takenPath(state)),
  };
}

/** The run without its steps. */
export function toHead(run: RunRequest, state: RunState) {
  const { waits: _, ...result } = toResult(run, state);
  return {
    ...result,
    workspaceId: run.workspaceId,
    workflow: run.name,
    version: run.version,
    trigger: run.trigger,
    mode: run.mode,
    ...(run.startedBy === undefined ? {} : { startedBy: run.startedBy }),
    ...(run.parent?.detached ? { detachedFrom: placeOf(run.parent) } : {}),
    startedAt: state.startedAt,
    ...(state.endedAt === undefined ? {} : { endedAt: state.endedAt }),
  };
}

function placeOf({ runId, step }: RunParent): NonNullable<RunTrace["detachedFrom"]> {
  return { runId, ...(step === "" ? {} : { step }) };
}

export function toStep(step: StepState, type: string, state: RunState): StepTrace {
  const { path, node, input, attempt, failures, startedAt, endedAt, logs, effects, wait } = step;
  const substeps = [...step.substeps.values()];
  const models = [...step.models, ...substeps.flatMap((substep) => substep.models)];
  const children = [...step.children].map(([id, { workflow, detached }]) => ({
    id,
    workflow,
    ...(detached ? { detached } : {}),
  }));
  return {
    id: path,
    node,
    type,
    status: stepStatus(step, state),
    input,
    ...(step.status === "succeeded" ? { output: step.output } : {}),
    ...(step.port === undefined ? {} : { port: step.port }),
    ...(step.error ? { error: plain(step.error) } : {}),
    attempts: attempt,
    ...(failures.length > 0 ? { failures: failures.map(toFailure) } : {}),
    startedAt,
    ...(endedAt === undefined ? {} : { endedAt, durationMs: endedAt - startedAt }),
    logs: [...logs, ...substeps.flatMap((substep) => substep.logs)],
    effects: [...effects, ...substeps.flatMap((substep) => substep.effects)].map((effect) => ({
      ...effect,
    })),
    ...(models.length > 0 ? { models } : {}),
    ...(wait && step.status === "waiting" ? { wait: publicWait(wait) } : {}),
    ...(substeps.length > 0 ? { substeps: substeps.map(toSubstep) } : {}),
    ...(children.length > 0 ? { children } : {}),
  };
}

function toFailure({ startedAt, endedAt, error }: FailedAttempt): FailureTrace {
  return { startedAt, endedAt, ...(error ? { error: plain(error) } : {}) };
}

function toSubstep(substep: SubstepState): SubstepTrace {
  const { name, status, input, output, error, attempt, startedAt, endedAt, models } = substep;
  return {
    name,
    status: status === "retrying" ? "waiting" : status,
    ...(input === undefined ? {} : { input }),
    ...(status === "succeeded" ? { output } : {}),
    ...(error ? { error: plain(error) } : {}),
    attempts: attempt,
    startedAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(models.length > 0 ? { models: [...models] } : {}),
  };
}

export function stepStatus({ status }: StepState, state: RunState): StepTrace["status"] {
  if (status === "succeeded" || status === "failed" || status === "cancelled") return status;
  if (state.status !== "running") return "cancelled";
  if (status === "ready" || status === "open") return "running";
  return status === "retrying" ? "waiting" : status;
}

function plain({ code, message, fix }: StepError) {
  return { code, message, ...(fix === undefined ? {} : { fix }) };
}

function stepOf({ step }: { step?: string }) {
  return step === undefined ? {} : { step };
}

function takenPath(state: RunState) {
  const steps = [...state.steps.values()];
  return {
    visited: steps.map(({ node }) => node),
    failed: steps.filter(({ status }) => status === "failed").map(({ node }) => node),
  };
}
