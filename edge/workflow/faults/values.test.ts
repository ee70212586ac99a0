import { abortAllDurableObjects } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { playClocked } from "#edge/workflow/clocked.fixture";
import { env, requestOf, set } from "#edge/workflow/run.fixture";
import { executeRun, runStub } from "#edge/workflow/start";

const start = { type: "trigger" };
const code = (source: string) => ({ type: "code_block", config: { code: source } });

/** A step of which an error handler catches every error. */
const caught = (step: { type: string; config: object }) =>
  requestOf(
    {
      start,
      step,
      handler: {
        type: "error_handler",
        config: { covers: ["step"], cases: [{ port: "bad", codes: ["*"] }] },
      },
      why: set("why", "{{ steps.handler.output.error.code }}"),
    },
    [
      ["start", "step"],
      ["handler", "why", "bad"],
    ],
  );

describe("fault 16: a result", () => {
  it.each([
    ["a BigInt", "export default () => ({ n: 1n });"],
    ["a circle", "export default () => { const a: unknown[] = []; a.push(a); return a; };"],
    ["more than 5 MB", "export default () => 'x'.repeat(5_000_001);"],
  ])("of %s is an error that a handler catches, and the run goes on", async (_, source) => {
    const result = await executeRun(env, caught(code(source)), 15_000);
    expect(result.status).toBe("succeeded");
    expect((result.output as { value: string }).value).toMatch(
      /^code\.(?:failed|output-too-large)$/,
    );
  });

  it("of nothing is null, and fields of nothing are left out", async () => {
    const run = requestOf(
      {
        start,
        none: code("export default () => undefined;"),
        some: code("export default () => ({ a: undefined, b: 1 });"),
      },
      [
        ["start", "none"],
        ["none", "some"],
      ],
      { output: ["{{ steps.none.output }}", "{{ steps.some.output }}"] },
    );
    expect(await executeRun(env, run, 15_000)).toMatchObject({ output: [null, { b: 1 }] });
  });

  // Wherever a row ends: pairs of surrogates at odd and even places, and halves that belong to no pair.
  it.each(["x", "xx"])(
    "with text that begins %s and fills rows is the same after an eviction",
    async (first) => {
      const source = `export default () => "${first}" + "\\u{1F600}".repeat(700_000) + "\\uD800";`;
      const run = requestOf({ start, big: code(source) }, [["start", "big"]]);
      await executeRun(env, run, 15_000);
      await abortAllDurableObjects();
      const { output } = unwrap(await runStub(env, run.id).result(5_000));
      const text = output as string;
      expect(text.length).toBe(first.length + 1_400_001);
      expect(text.slice(first.length, -1).replaceAll("\u{1F600}", "")).toBe("");
    },
  );

  it("of bytes that are no text is text with marks where they were", async () => {
    const run = requestOf(
      { start, get: { type: "action", config: { url: "https://bytes.test/" } } },
      [["start", "get"]],
      { mode: "live" },
    );
    await playClocked(
      run,
      async (table) => {
        await table.restart();
        expect(table.step("get")?.output).toMatchObject({ body: "a\uFFFD\uFFFDb" });
      },
      () => new Response(new Uint8Array([0x61, 0xff, 0xfe, 0x62])),
    );
  });
});

describe("fault 17: a run that grows", () => {
  it("beyond 50 MB of history ends with a clear error, and can still be read", async () => {
    const run = requestOf(
      {
        start,
        each: {
          type: "loop",
          config: { items: Array.from({ length: 14 }, (_, n) => n), result: "index" },
        },
        big: code("export default () => 'x'.repeat(4_900_000);"),
      },
      [
        ["start", "each"],
        ["each", "big", "each"],
      ],
    );
    expect(await executeRun(env, run, 25_000)).toMatchObject({ error: { code: "run.too-large" } });
    await abortAllDurableObjects();
    expect(unwrap(await runStub(env, run.id).result(5_000)).status).toBe("failed");
  });

  it("beyond 10,000 steps ends with a clear error, and is read back without being played again", async () => {
    const items = Array.from({ length: 1_000 }, (_, index) => index);
    const body = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`s${n}`, set("n", n)]));
    const run = requestOf(
      { start, each: { type: "loop", config: { items, result: "index" } }, ...body },
      [
        ["start", "each"],
        ["each", "s0", "each"],
        ...Array.from({ length: 9 }, (_, n) => [`s${n}`, `s${n + 1}`] as const),
      ],
    );
    expect(await executeRun(env, run, 25_000)).toMatchObject({
      error: { code: "run.too-many-steps" },
    });
    await abortAllDurableObjects();
    const { steps, status } = unwrap(await runStub(env, run.id).inspect());
    expect(status).toBe("failed");
    expect(steps).toHaveLength(10_000);
  });
});

it("outputs that are too large together fail the loop that collects them", async () => {
  const items = Array.from({ length: 12 }, (_, index) => index);
  const run = requestOf(
    {
      start,
      each: { type: "loop", config: { items } },
      large: set("last", "{{ input.long }}"),
    },
    [
      ["start", "each"],
      ["each", "large", "each"],
    ],
    { input: { long: "x".repeat(900_000) } },
  );
  expect(await executeRun(env, run, 25_000)).toMatchObject({
    status: "failed",
    error: { code: "step.output-too-large", step: "each" },
  });
});
