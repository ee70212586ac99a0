import { describe, expect, it } from "vitest";
import { nodes as catalogue } from "#edge/nodes/index";
import { applyEvent } from "./fold.ts";
import { createGraph } from "./graph.ts";
import type { RunEvent } from "./history.ts";
import { loopHistory, report } from "./loop-history.fixture.ts";
import { stepsShown, toOverview } from "./overview.ts";
import { requestOf, set } from "./run.fixture.ts";
import { createState } from "./run-state.ts";

const run = requestOf(
  {
    start: { type: "trigger" },
    each: { type: "loop", config: { items: "{{ input.items }}" } },
    one: set("a", 1),
    two: set("b", 2),
    three: set("c", 3),
  },
  [
    ["start", "each"],
    ["each", "one", "each"],
    ["one", "two"],
    ["one", "three", "never"],
  ],
);

function overviewOf(events: readonly RunEvent[], from?: number) {
  const state = createState();
  for (const event of events) applyEvent(state, event);
  const graph = createGraph(run.document.workflow, catalogue);
  return toOverview({ run, graph, state }, from);
}

const failing = (index: number): RunEvent[] =>
  index === 2500
    ? [
        {
          type: "step-failed",
          at: index,
          step: `each[${index}]/one`,
          error: { kind: "bug", code: "x", message: "x", status: 500 },
          ...report,
        },
      ]
    : [];

describe("the overview of a run of 10,002 steps", () => {
  const huge = loopHistory(5000);

  it("has the first steps, the last and those that need a look, and counts all", () => {
    const overview = overviewOf(huge);
    expect(overview.stepCount).toBe(10_002);
    expect(overview.tally).toEqual({ succeeded: 10_001, running: 1 });
    const numbers = overview.steps.map(({ number }) => number);
    expect(numbers.length).toBeLessThanOrEqual(stepsShown);
    expect([numbers[0], numbers[59], numbers.at(-40), numbers.at(-1)]).toEqual([
      1, 60, 9963, 10_002,
    ]);
    expect(overview.usage).toEqual({
      calls: 5000,
      inputTokens: 50_000,
      outputTokens: 10_000,
      costUsd: expect.closeTo(5),
    });
    expect(overview.graph.bodies).toMatchObject([{ owner: "each", passes: { succeeded: 5000 } }]);
    expect(overview.graph.nodes.map(({ tally }) => tally.succeeded)).toEqual([
      1,
      undefined,
      5000,
      5000,
      undefined,
    ]);
    const taken = overview.graph.edges.map(({ from, to, taken: count }) => [from, to, count]);
    expect(taken).toEqual([
      ["start", "each", 1],
      ["each", "one", 5000],
      ["one", "two", 5000],
      ["one", "three", 0],
    ]);
    expect(JSON.stringify(overview).length).toBeLessThan(200_000);
  });

  it("shows one that failed in the middle, and any window that is asked for", () => {
    const events = loopHistory(5000, failing);
    const shown = overviewOf(events).steps.map(({ id }) => id);
    expect(shown).toContain("each[2500]/one");
    const numbers = (from: number) => overviewOf(events, from).steps.map(({ number }) => number);
    expect(numbers(201)).toEqual(Array.from({ length: stepsShown }, (_, index) => 201 + index));
    expect(numbers(10_001)).toEqual([10_001, 10_002]);
    expect(numbers(20_000)).toEqual([]);
  });
});

it("keeps values, lists and texts to a size, and says how many it left out", () => {
  const long = "x".repeat(1_000_000);
  const many = Array.from({ length: 50 }, (_, index) => `${index} ${long}`);
  const effects = many.map((target) => ({ kind: "http" as const, target, body: { long } }));
  const deep = JSON.parse(`${'{"a":'.repeat(900)}1${"}".repeat(900)}`) as unknown;
  const substeps = many.flatMap((_, index): RunEvent[] => [
    { type: "substep-started", at: 0, step: "one", name: `${index}`, attempt: 1, effect: "read" },
    { type: "substep-succeeded", at: 0, step: "one", name: `${index}`, output: many, ...report },
  ]);
  const { steps, ...rest } = overviewOf([
    { type: "run-started", at: 0 },
    { type: "step-started", at: 0, step: "one", attempt: 1, effect: "pure", input: many },
    ...substeps,
    {
      type: "step-succeeded",
      at: 1,
      step: "one",
      port: "next",
      output: { long, deep, list: many },
      variables: {},
      logs: many,
      effects,
    },
    { type: "run-succeeded", at: 2, output: deep },
  ]);
  expect(steps[0]?.leftOut).toEqual({ logs: 30, effects: 30, substeps: 30 });
  expect(JSON.stringify(steps).length).toBeLessThan(150_000);
  expect(JSON.stringify(rest).length).toBeLessThan(10_000);
});

it("shows the attempts before the last one, and the time of each", () => {
  const error = { kind: "upstream" as const, code: "up.down", message: "Down.", status: 503 };
  const started = { type: "step-started", step: "one", effect: "read", input: {} } as const;
  const { steps } = overviewOf([
    { type: "run-started", at: 0 },
    { ...started, at: 10, attempt: 1 },
    { type: "step-failed", at: 20, step: "one", error, until: 100, ...report },
    { type: "timer-fired", at: 100, step: "one" },
    { ...started, at: 101, attempt: 2 },
    { type: "step-interrupted", at: 110, step: "one", policy: "retry" },
    { ...started, at: 111, attempt: 2 },
    { type: "step-waiting", at: 120, step: "one", wait: { signal: "go" }, ...report },
    { type: "signal-received", at: 130, step: "one", name: "go", payload: {} },
    { ...started, at: 131, attempt: 2 },
    { type: "step-failed", at: 140, step: "one", error, ...report },
  ]);
  expect(steps).toMatchObject([
    {
      status: "failed",
      startedAt: 10,
      endedAt: 140,
      failures: [
        { startedAt: 10, endedAt: 20, error: { code: "up.down" } },
        { startedAt: 101, endedAt: 110 },
      ],
    },
  ]);
});
