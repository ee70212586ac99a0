import { describe, expect, it } from "vitest";
import { checkBlueprint } from "#blueprints/check";
import { unwrap } from "#blueprints/outcome";
import { nodes } from "#edge/nodes/index";
import { env, historyOf, requestOf, set } from "./run.fixture.ts";
import { executeRun, runStub, startRun } from "./start.ts";

const start = { type: "trigger" };
const post = (host: string) => ({
  type: "action",
  config: { method: "POST", url: `https://${host}/x` },
});
const wait = (ms: number, value: string) => ({
  type: "code_block",
  config: {
    code: `export default async () => { await scheduler.wait(${ms}); return "${value}"; };`,
  },
});

/** One loop over `items` with the step `body` inside. */
const looped = (items: unknown, config: object, body: object, input: unknown = {}) =>
  requestOf(
    { start, each: { type: "loop", config: { items, ...config } }, body: body as typeof start },
    [
      ["start", "each"],
      ["each", "body", "each"],
    ],
    { input },
  );

const loop = (config: object) =>
  requestOf(
    {
      start,
      zero: set("total", 0),
      each: { type: "loop", config },
      add: set("total", "{{ vars.total + 10 }}"),
    },
    [
      ["start", "zero"],
      ["zero", "each"],
      ["each", "add", "each"],
    ],
  );

const branched = (config: object) =>
  requestOf(
    {
      start,
      fan: { type: "parallel", config: { branches: ["fast", "slow", "bad"], ...config } },
      one: wait(1, "fast"),
      two: wait(300, "slow"),
      three: set("x", "{{ input.missing }}"),
    },
    [
      ["start", "fan"],
      ["fan", "one", "fast"],
      ["fan", "two", "slow"],
      ["fan", "three", "bad"],
    ],
  );

const saga = (cases: object[], more: object = {}) =>
  requestOf(
    {
      start,
      book: post("book.test"),
      charge: post("charge.test"),
      ship: post("ship.test"),
      handler: {
        type: "error_handler",
        config: {
          covers: ["book", "charge", "ship"],
          cases,
          undo: { book: "unbook", charge: "refund" },
        },
      },
      unbook: post("unbook.test"),
      refund: post("refund.test"),
      sorry: set("sorry", "{{ steps.handler.output.error.code }}"),
      ...more,
    },
    [
      ["start", "book"],
      ["book", "charge"],
      ["charge", "ship"],
      ["handler", "sorry", "down"],
    ],
    { stubs: [{ match: "ship", status: 400 }], output: "{{ steps.sorry.output.value }}" },
  );

const ends = (events: Awaited<ReturnType<typeof historyOf>>) =>
  events.filter(({ type }) => type === "step-succeeded").map(({ step }) => step);

const codesOf = (nodeList: object[], edges: object[]) =>
  checkBlueprint(
    {
      name: "x",
      workflows: [{ name: "w", nodes: [{ id: "start", type: "trigger" }, ...nodeList], edges }],
    },
    nodes,
  ).issues.map(({ code }) => code);

const read = (id: string, value: string) => ({ id, ...set("x", value) });

const handler = (covers: string[]) => ({ id: "h", type: "error_handler", config: { covers } });

describe("a loop", () => {
  it("gives results in the order of the items, whatever ends first", async () => {
    const run = looped(
      [30, 1, 15],
      { concurrency: 3 },
      {
        type: "code_block",
        config: {
          code: "export default async ({ ms }: { ms: number }) => { await scheduler.wait(ms); return ms; };",
          input: { ms: "{{ item }}" },
        },
      },
    );
    expect(await executeRun(env, run, 10_000)).toMatchObject({
      output: { results: [30, 1, 15], count: 3, errors: [], broke: false },
    });
  });

  it("goes through 1,000 items, and refuses one more", async () => {
    const input = { list: Array.from({ length: 1_000 }, (_, index) => index) };
    const run = looped(
      "{{ input.list }}",
      { concurrency: 20, result: "steps.body.output.value" },
      set("n", "{{ item + index }}"),
      input,
    );
    const { output } = await executeRun(env, run, 30_000);
    expect((output as { results: number[] }).results.at(-1)).toBe(1998);
    const more = looped("{{ input.list }}", {}, set("n", 1), { list: [...input.list, 1] });
    expect(await executeRun(env, more, 5_000)).toMatchObject({
      error: { code: "step.config-invalid" },
    });
  });

  it("nests: the inner body sees the items of both", async () => {
    const run = requestOf(
      {
        start,
        rows: { type: "loop", config: { items: [1, 2], as: "row" } },
        cells: { type: "loop", config: { items: ["a", "b"], as: "cell" } },
        name: set("name", "{{ cell }}{{ row }}"),
        after: set("all", "{{ steps.rows.output.results }}"),
      },
      [
        ["start", "rows"],
        ["rows", "cells", "each"],
        ["cells", "name", "each"],
        ["cells", "rows", "done"],
        ["rows", "after", "done"],
      ],
      { output: "{{ steps.after.output.value }}" },
    );
    const { output } = await executeRun(env, run, 10_000);
    const names = (output as { results: { value: string }[] }[]).map(({ results }) =>
      results.map(({ value }) => value),
    );
    expect(names).toEqual([
      ["a1", "b1"],
      ["a2", "b2"],
    ]);
    const { steps } = unwrap(await runStub(env, run.id).inspect());
    expect(steps.map(({ id }) => id)).toContain("rows[1]/cells[0]/name");
  });

  it("keeps what failed and goes on, or fails with it", async () => {
    const body = set("n", "{{ item.x }}");
    const items = [{ x: 1 }, {}, { x: 3 }];
    const kept = looped(items, { on_error: "continue", result: "steps.body.output.value" }, body);
    expect(await executeRun(env, kept, 5_000)).toMatchObject({
      output: { results: [1, null, 3], errors: [{ index: 1, code: "expression.failed" }] },
    });
    const failed = await executeRun(env, looped(items, {}, body), 5_000);
    expect(failed.error).toMatchObject({ code: "expression.failed", step: "each[1]/body" });
  });

  it("runs while a condition holds, ends at a break, and fails at its maximum", async () => {
    const held = loop({ while: "vars.total < 30", result: "steps.add.output.value" });
    expect(await executeRun(env, held, 5_000)).toMatchObject({ output: { results: [10, 20, 30] } });
    const broken = loop({ while: "true", break_when: "steps.add.output.value == 20" });
    expect(await executeRun(env, broken, 5_000)).toMatchObject({
      output: { count: 2, broke: true },
    });
    const endless = loop({ while: "true", max_iterations: 5 });
    expect((await executeRun(env, endless, 5_000)).error?.code).toBe("loop.too-many-iterations");
  });
});

describe("branches", () => {
  it.each([
    ["all fails with the first error", {}, { error: { code: "expression.failed" } }],
    [
      "all, collected",
      { on_error: "collect" },
      { output: { merged: { fast: "fast", slow: "slow" }, errors: [{ branch: "bad" }] } },
    ],
    [
      "any goes on with the first, and cancels the others",
      { join: "any", merge: "first" },
      { output: { merged: "fast", succeeded: ["fast"] } },
    ],
    [
      "two of three",
      { join: { at_least: 2 }, merge: "list" },
      { output: { merged: ["fast", "slow"] } },
    ],
    [
      "a branch that takes too long",
      { on_error: "collect", branch_timeout_ms: 100 },
      { output: { succeeded: ["fast"], errors: [{ branch: "slow" }, { branch: "bad" }] } },
    ],
  ])("join: %s", async (_, config, expected) => {
    expect(await executeRun(env, branched(config), 20_000)).toMatchObject(expected);
  });
});

describe("an error handler", () => {
  it("undoes what was done, the last first, then goes its way", async () => {
    const run = saga([{ port: "down", codes: ["http.*"] }]);
    expect(await executeRun(env, run, 10_000)).toMatchObject({
      status: "succeeded",
      output: "http.unexpected-status",
    });
    const undone = ["handler[charge]/refund", "handler[book]/unbook", "handler", "sorry"];
    expect(ends(await historyOf(run.id)).slice(-4)).toEqual(undone);
  });

  it("lets pass what nothing matches, after it undid the rest", async () => {
    const run = saga([{ port: "down", codes: ["other.*"] }]);
    expect((await executeRun(env, run, 10_000)).error?.code).toBe("http.unexpected-status");
    expect(ends(await historyOf(run.id))).toContain("handler[book]/unbook");
  });

  it("gives the failed step more attempts where a case says so", async () => {
    const retry = { attempts: 3, delay_ms: 1 };
    const run = saga([{ port: "down", codes: ["*"], retry }]);
    await executeRun(env, run, 10_000);
    await expect
      .poll(async () => unwrap(await runStub(env, run.id).inspect()).status, { timeout: 8_000 })
      .toBe("succeeded");
    const { steps } = unwrap(await runStub(env, run.id).inspect());
    expect(steps.find(({ id }) => id === "ship")?.attempts).toBe(3);
  });

  it("a cancelled run undoes its finished steps, the last first, each once", async () => {
    const run = saga([], { ship: wait(20_000, "never") });
    await startRun(env, run);
    const stub = runStub(env, run.id);
    await expect
      .poll(async () => unwrap(await stub.inspect()).steps.map(({ id }) => id))
      .toContain("ship");
    unwrap(await stub.cancel("changed my mind"));
    unwrap(await stub.cancel("twice"));
    await expect.poll(async () => unwrap(await stub.inspect()).status).toBe("cancelled");
    expect(ends(await historyOf(run.id)).slice(-2)).toEqual([
      "handler[charge]/refund",
      "handler[book]/unbook",
    ]);
  });
});

describe("the check of a blueprint", () => {
  const each = { id: "each", type: "loop", config: { items: [1] } };

  it("knows what a body may read, and that a loop may be led back to", () => {
    const edges = [
      { from: "start", to: "each" },
      { from: "each", port: "each", to: "body" },
      { from: "body", to: "each" },
      { from: "each", port: "done", to: "out" },
    ];
    expect(
      codesOf(
        [each, read("body", "{{ item + index }}"), read("out", "{{ steps.each.output.count }}")],
        edges,
      ),
    ).toEqual([]);
    expect(codesOf([each, read("body", "{{ itme }}"), read("out", "{{ item }}")], edges)).toEqual([
      "template.unknown-name",
      "template.unknown-name",
    ]);
    expect(
      codesOf([each, read("body", "{{ item }}"), read("out", "{{ steps.body.output }}")], edges),
    ).toEqual(["template.step-not-before"]);
  });

  it("refuses a step that two scopes lead to, and a circle without a loop", () => {
    const fan = { id: "fan", type: "parallel", config: { branches: ["a", "b"] } };
    const edges = [
      { from: "start", to: "fan" },
      { from: "fan", port: "a", to: "one" },
      { from: "fan", port: "b", to: "two" },
      { from: "one", to: "after" },
      { from: "two", to: "after" },
    ];
    const steps = [read("one", "1"), read("two", "2"), read("after", "3")];
    expect(codesOf([fan, ...steps], edges)).toContain("workflow.scope-crossed");
    const circle = [
      { from: "start", to: "one" },
      { from: "one", to: "two" },
      { from: "two", to: "one" },
    ];
    expect(codesOf(steps.slice(0, 2), circle)).toContain("workflow.cycle");
  });

  it("refuses an error handler that covers what is not there, or inside a scope", () => {
    const edges = [
      { from: "start", to: "each" },
      { from: "each", port: "each", to: "body" },
    ];
    const steps = [each, read("body", "1")];
    expect(codesOf([...steps, handler(["each"])], edges)).toEqual([]);
    expect(codesOf([...steps, handler(["nobody"])], edges)).toContain("workflow.unknown-covered");
    expect(codesOf([...steps, handler(["body", "each"])], edges).join()).toMatch(
      /covered-elsewhere|scope-crossed/,
    );
  });
});
