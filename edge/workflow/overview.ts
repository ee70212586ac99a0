import type { Graph } from "./graph.ts";
import { count, toRunGraph } from "./overview-graph.ts";
import type {
  OverviewStep,
  RunOverview,
  RunRequest,
  RunUsage,
  StepTrace,
  SubstepTrace,
  Tally,
} from "./run-api.ts";
import type { Frame, RunState, StepState } from "./run-state.ts";
import { cut, type Cut, shorten } from "./shorten.ts";
import { stepStatus, toHead, toStep } from "./trace.ts";

/** Steps on one page. */
export const stepsShown = 200;
/** Of more than that: the first ones, the last ones, and of the others those that need a look. */
const firstShown = 60;
const lastShown = 40;
/** Of each list of a step: log lines, calls, sub-steps. */
const listed = 20;
/** Characters of all values of all steps together, about. */
const valueLengths = 400_000;

/** `from`: number of the first step to show; undefined: a choice of all. */
export function toOverview(
  { run, graph, state }: { run: RunRequest; graph: Graph; state: RunState },
  from: number | undefined,
): RunOverview {
  const all = [...allSteps(state)];
  const types = new Map(run.document.workflow.nodes.map(({ id, type }) => [id, type]));
  const tally: Tally = {};
  for (const step of all) count(tally, stepStatus(step, state));
  const steps = choose(all, from).map((index): OverviewStep => {
    const step = all[index] as StepState;
    const usage = usageOf([step]);
    return {
      ...toStep(step, types.get(step.node) ?? "", state),
      number: index + 1,
      ...(usage.calls > 0 ? { usage } : {}),
      leftOut: {},
    };
  });
  return shortenOverview(
    {
      ...toHead(run, state),
      input: run.input,
      seq: state.seq,
      tally,
      stepCount: all.length,
      steps,
      usage: usageOf(all),
      graph: toRunGraph(graph, state),
    },
    "before redaction",
  );
}

/** Steps in the order of their start; those inside a scope right after the scope's own. */
function* allSteps(state: RunState): Generator<StepState> {
  yield* stepsIn(state.root);
  // A cancelled run undoes steps for a handler that never began.
  for (const frame of state.frames.values()) {
    if (frame.owner && !state.steps.has(frame.owner.path)) yield* stepsIn(frame);
  }
}

function* stepsIn(frame: Frame): Generator<StepState> {
  for (const step of frame.steps.values()) {
    yield step;
    for (const inner of step.frames) yield* stepsIn(inner);
  }
}

function choose(all: readonly StepState[], from: number | undefined): number[] {
  const indexes = [...all.keys()];
  if (from !== undefined) return indexes.slice(from - 1, from - 1 + stepsShown);
  if (all.length <= stepsShown) return indexes;
  const last = all.length - lastShown;
  const worth = indexes
    .slice(firstShown, last)
    .filter((index) => !["succeeded", "cancelled"].includes(all[index]?.status ?? ""))
    .slice(0, stepsShown - firstShown - lastShown);
  return [...indexes.slice(0, firstShown), ...worth, ...indexes.slice(last)];
}

function usageOf(steps: readonly StepState[]): RunUsage {
  const sum = { calls: 0, inputTokens: 0, outputTokens: 0 };
  let costUsd: number | undefined;
  let isEstimated = false;
  for (const step of steps) {
    const inner = [...step.substeps.values()].flatMap(({ models }) => models);
    for (const call of [...step.models, ...inner]) {
      sum.calls += 1;
      sum.inputTokens += call.inputTokens;
      sum.outputTokens += call.outputTokens;
      if (call.costUsd !== undefined) costUsd = (costUsd ?? 0) + call.costUsd;
      if (call.estimated) isEstimated = true;
    }
  }
  return {
    ...sum,
    ...(costUsd === undefined ? {} : { costUsd }),
    ...(isEstimated ? { estimated: true as const } : {}),
  };
}

/** Cuts every value to what its page has room for. */
export function shortenOverview(overview: RunOverview, which: Cut): RunOverview {
  const { steps, input, output, error } = overview;
  const room = Math.round(valueLengths / Math.max(1, 2 * steps.length));
  const length = Math.min(6_000, Math.max(1_000, room));
  return {
    ...overview,
    input: shorten(input, 6_000, which),
    ...(output === undefined ? {} : { output: shorten(output, 6_000, which) }),
    ...(error ? { error: shortenError(error, which) } : {}),
    steps: steps.map((step) => shortenStep(step, length, which)),
  };
}

function shortenStep(step: OverviewStep, length: number, which: Cut): OverviewStep {
  const { logs, effects, substeps, models, failures, wait } = step;
  return {
    ...step,
    ...shortenValues(step, length, which),
    logs: logs.slice(0, listed).map((line) => cut(line, 500, which)),
    effects: effects.slice(0, listed).map(({ target, body, ...effect }) => ({
      ...effect,
      target: cut(target, 500, which),
      ...(body === undefined ? {} : { body: shorten(body, 500, which) }),
    })),
    ...(substeps
      ? { substeps: substeps.slice(0, listed).map((one) => shortenSubstep(one, length / 4, which)) }
      : {}),
    ...(models ? { models: models.slice(0, listed) } : {}),
    ...(failures
      ? {
          failures: failures.slice(0, listed).map(({ error, ...failure }) => ({
            ...failure,
            ...(error ? { error: shortenError(error, which) } : {}),
          })),
        }
      : {}),
    ...(wait ? { wait: shortenWait(wait, which) } : {}),
    leftOut: { ...excess({ logs, effects, substeps, models, failures }), ...step.leftOut },
  };
}

type Lists = { readonly [List in keyof OverviewStep["leftOut"]]: readonly unknown[] | undefined };

function excess(lists: Lists): OverviewStep["leftOut"] {
  const counts = Object.entries(lists).map(([name, list]) => [name, (list?.length ?? 0) - listed]);
  return Object.fromEntries(counts.filter(([, left]) => Number(left) > 0)) as object;
}

function shortenSubstep(substep: SubstepTrace, length: number, which: Cut): SubstepTrace {
  const { models, ...rest } = substep;
  return {
    ...rest,
    ...shortenValues(substep, length, which),
    ...(models ? { models: models.slice(0, listed) } : {}),
  };
}

type Values = Pick<SubstepTrace, "input" | "output" | "error">;

function shortenValues({ input, output, error }: Values, length: number, which: Cut) {
  return {
    ...(input === undefined ? {} : { input: shorten(input, length, which) }),
    ...(output === undefined ? {} : { output: shorten(output, length, which) }),
    ...(error ? { error: shortenError(error, which) } : {}),
  };
}

function shortenError<E extends { message: string; fix?: string }>(error: E, which: Cut): E {
  const { message, fix } = error;
  const shorter = { message: cut(message, 1_000, which) };
  return { ...error, ...shorter, ...(fix === undefined ? {} : { fix: cut(fix, 1_000, which) }) };
}

/** What a page says of a wait; what it is about stands on the page that its link opens. */
function shortenWait(wait: NonNullable<StepTrace["wait"]>, which: Cut) {
  const { title, message, until, link, child } = wait;
  return {
    ...(title === undefined ? {} : { title: cut(title, 300, which) }),
    ...(message === undefined ? {} : { message: cut(message, 1_000, which) }),
    ...(until === undefined ? {} : { until }),
    ...(link === undefined ? {} : { link }),
    ...(child === undefined ? {} : { child }),
  };
}
