import { expect, it } from "vitest";
import { workflowSchema } from "#blueprints/blueprint";
import { unwrap } from "#blueprints/outcome";
import { place } from "#edge/gateway/gateway.fixture";
import { nodes } from "#edge/nodes/index";
import { playClocked, type Table } from "./clocked.fixture.ts";
import { decide } from "./decide.ts";
import type { Program } from "./expression-scope.ts";
import { applyEvent } from "./fold.ts";
import { createGraph } from "./graph.ts";
import { runLimits } from "./limits.ts";
import { toJson } from "./json-value.ts";
import { env, requestOf, set } from "./run.fixture.ts";
import { createState, type RunState } from "./run-state.ts";
import { runStub, startRun } from "./start.ts";

const start = { type: "trigger" };
const one: Program = {
  graph: createGraph(
    workflowSchema.parse({ name: "one", nodes: [{ id: "a", type: "trigger" }] }),
    nodes,
  ),
  run: requestOf({ a: start }, []),
};

/** A run that has just started, with this changed. */
function decided(change: Partial<RunState>, now = 1) {
  const state = createState();
  applyEvent(state, { type: "run-started", at: 0 });
  return decide(Object.assign(state, change), one, now);
}
const outputTooLarge = expect.objectContaining({ code: "step.output-too-large" });
const begins = [{ kind: "start-step" }];
const ends = (code: string) => [{ kind: "fail-run", error: { code } }];

it("a run starts as many steps as it may, and none more", () => {
  const { steps } = runLimits;
  expect(decided({ starts: steps - 2 })).toMatchObject(begins);
  expect(decided({ starts: steps - 1 })).toMatchObject(begins);
  expect(decided({ starts: steps })).toMatchObject(ends("run.too-many-steps"));
});

it("a run survives as many deaths in a row as it may, and none more", () => {
  const { crashes } = runLimits;
  expect(decided({ crashes: crashes - 1 })).toMatchObject(begins);
  expect(decided({ crashes })).toMatchObject(begins);
  expect(decided({ crashes: crashes + 1 })).toMatchObject(ends("run.crash-loop"));
});

it("a run lasts as long as it may, and not a moment longer", () => {
  const { durationMs } = runLimits;
  expect(decided({}, durationMs - 1)).toMatchObject(begins);
  expect(decided({}, durationMs)).toMatchObject(begins);
  expect(decided({}, durationMs + 1)).toMatchObject(ends("run.too-long"));
});

it.each([-1, 0, 1])("an input of the allowed size and %d bytes more", async (more) => {
  const empty = JSON.stringify({ text: "" }).length;
  const length = runLimits.payloadBytes - empty + more;
  // Two bytes each, and one more where that is needed.
  const text = "é".repeat(Math.floor(length / 2)) + "x".repeat(length % 2);
  const run = requestOf({ start, put: set("n", 1) }, [["start", "put"]], { input: { text } });
  const started = startRun(env, run);
  if (more <= 0) expect(await started).toEqual({ id: run.id });
  else await expect(started).rejects.toMatchObject({ code: "run.input-too-large", status: 413 });
});

it.each([-1, 0, 1])("an output of the allowed size and %d bytes more", (more) => {
  const length = runLimits.payloadBytes - JSON.stringify("").length + more;
  const text = "é".repeat(Math.floor(length / 2)) + "x".repeat(length % 2);
  if (more <= 0) expect(toJson("put", text)).toBe(text);
  else expect(() => toJson("put", text)).toThrow(outputTooLarge);
});

it.each([-1, 0, 1])("as many steps at once as allowed and %d more", async (more) => {
  const count = runLimits.concurrentSteps + more;
  const names = Array.from({ length: count }, (_, n) => `ask_${n}`);
  const ask = { type: "action", config: { url: "https://ask.test/" } };
  const run = requestOf(
    { start, ...Object.fromEntries(names.map((name) => [name, ask])) },
    names.map((name) => ["start", name] as const),
    { mode: "live" },
  );
  const atOnce = Math.min(count, runLimits.concurrentSteps);
  const held = Promise.withResolvers<void>();
  let underWay = 0;
  let most = 0;
  const respond = async () => {
    underWay += 1;
    most = Math.max(most, underWay);
    if (underWay === atOnce) held.resolve();
    await held.promise;
    underWay -= 1;
    return Response.json({});
  };
  const ended = async ({ run: { state }, sent }: Table) => {
    await expect.poll(() => state.status).toBe("succeeded");
    expect([sent.length, most]).toEqual([count, atOnce]);
  };
  await playClocked(run, ended, respond);
});

const calls = (workflow: string) => ({ type: "call_function", config: { workflow, input: {} } });
const documentOf = (step: { type: string; config: object }) =>
  requestOf({ start, step }, [["start", "step"]]).document;

it("workflows start one another as deep as allowed, and no deeper", async () => {
  const where = await place();
  const names = Array.from({ length: runLimits.depth + 1 }, (_, n) => `level-${n + 1}`);
  unwrap(
    await where.stub.putLive(
      names.map((name, at) => ({
        kind: "workflow",
        name,
        version: 1,
        definition: documentOf(at === names.length - 1 ? set("end", at) : calls(names[at + 1]!)),
      })),
    ),
  );
  const from = async (first: string) => {
    const workspaceId = where.identity.id;
    const step = calls(first);
    const fields = { name: "level-0", mode: "live", workspaceId } as const;
    const run = requestOf({ start, step }, [["start", "step"]], fields);
    await startRun(env, run);
    const read = async () => unwrap(await runStub(env, run.id).inspect());
    await expect.poll(async () => (await read()).endedAt, { timeout: 20_000 }).toBeDefined();
    return read();
  };
  expect(await from(names[1]!)).toMatchObject({ status: "succeeded" });
  const { error } = await from(names[0]!);
  expect(error).toMatchObject({ code: "workflow.failed" });
  expect(error?.message).toContain("run.too-deep");
});

it.each([
  ["loop", "items", 1_000, (count: number) => ({ items: Array.from({ length: count }, () => 1) })],
  ["loop", "max_iterations", 1_000, (count: number) => ({ while: "true", max_iterations: count })],
  ["loop", "concurrency", 50, (count: number) => ({ items: [], concurrency: count })],
  [
    "parallel",
    "branches",
    50,
    (count: number) => ({ branches: Array.from({ length: count }, (_, n) => `b${n}`) }),
  ],
] as const)("%s takes as many %s as allowed, and none more", (type, field, most, configOf) => {
  const { config } = nodes[type]!;
  for (const [count, fits] of [
    [most - 1, true],
    [most, true],
    [most + 1, false],
  ] as const) {
    expect(config.safeParse(configOf(count)).success, `${field} ${count}`).toBe(fits);
  }
});
