import { afterEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { type Place, place } from "#edge/gateway/gateway.fixture";
import { compile } from "#edge/isolates/bundle";
import type { Asked, Reply } from "#edge/models/formats/format.fixture";
import { env } from "#edge/workflow/run.fixture";
import type { RunTrace } from "#edge/workflow/run-api";
import { readTrace, runStub, startRun } from "#edge/workflow/start";
import {
  claude,
  everyFormat,
  local,
  play,
  request,
  serveModels,
  watch,
} from "./support/models.fixture.ts";

afterEach(() => vi.restoreAllMocks());

const live = async (name: string, code: string) => ({
  kind: "function" as const,
  name,
  version: 1,
  definition: {
    description: `Does ${name}.`,
    input: { type: "object", properties: { n: { type: "number" } }, required: ["n"] },
    output: {},
    effect: "pure" as const,
    code: await compile(code),
    egress: [],
    secrets: [],
  },
});

/** A workspace with functions: `echo` gives back, `fails` does not, `long` says a lot. */
async function shop(): Promise<Place> {
  const where = await place();
  unwrap(
    await where.stub.putLive([
      await live("echo", "export default ({ n }: { n: number }) => ({ echoed: n });"),
      await live("fails", "export default () => { throw new Error('out of order'); };"),
      await live("long", "export default () => 'abcdefghij'.repeat(100);"),
    ]),
  );
  return where;
}

const call = (name: string, n: number): Reply => ({ toolCalls: [{ name, input: { n } }] });

/** Says these one after the other, the last one for ever. */
const script =
  (...replies: Reply[]) =>
  (_: Asked, index: number): Reply =>
    replies[index] ?? replies.at(-1) ?? {};

async function agent(
  config: object,
  where?: Place,
): Promise<{ trace: RunTrace; step: RunTrace["steps"][number] | undefined }> {
  return play("agent_loop", { model: local, goal: "Do it", ...config }, where ? { where } : {});
}

describe.each(everyFormat)("with %s", (model) => {
  it.each([false, true])("calls tools until it is done (stream: %s)", async (stream) => {
    const where = await shop();
    const server = serveModels(
      script(
        {
          text: "Let me see.",
          toolCalls: [
            { name: "fn__echo", input: { n: 1 } },
            { name: "fn__echo", input: { n: 2 } },
          ],
        },
        { text: "It was 1 and 2." },
      ),
    );
    const { step } = await agent({ model, tools: ["fn__echo"], stream }, where);
    expect(step).toMatchObject({
      port: "done",
      output: {
        answer: "It was 1 and 2.",
        turns: 2,
        tool_calls: 2,
        usage: { calls: 2, tokens: 30 },
      },
    });
    expect(server.asked[0]?.tools).toEqual(["read_more", "fn__echo"]);
    expect(server.asked[1]?.text).toMatch(/echoed.*1.*echoed.*2/s);
    const names = step?.substeps?.map(({ name }) => name);
    expect(names).toEqual([
      "begin_1",
      "tools",
      "turn_1",
      "turn_1_tool_1",
      "turn_1_tool_2",
      "turn_2",
    ]);
  });
});

describe("a tool", () => {
  it("that fails, does not exist or gets wrong arguments is told to the model", async () => {
    const where = await shop();
    const server = serveModels(
      script(
        {
          toolCalls: [
            { name: "fn__fails", input: { n: 1 } },
            { name: "made_up", input: {} },
            { name: "fn__echo", input: { n: "x" } },
          ],
        },
        { text: "ok" },
      ),
    );
    const { step } = await agent({ tools: ["fn__fails", "fn__echo"] }, where);
    expect(step?.port).toBe("done");
    expect(server.asked[1]?.text).toMatch(
      /out of order.*agent\.unknown-tool.*agent\.bad-arguments/s,
    );
  });

  it("with a long answer is cut, and can be read on", async () => {
    const where = await shop();
    const server = serveModels(
      script(
        call("fn__long", 1),
        { toolCalls: [{ name: "read_more", input: { result: "turn_1_tool_1", offset: 800 } }] },
        { text: "read" },
      ),
    );
    await agent({ tools: ["fn__long"], tool_result_characters: 800 }, where);
    expect(server.asked[1]?.text).toContain("characters 0 to 800 of 1000");
    expect(server.asked[2]?.text).toContain("characters 800 to 1000 of 1000; this is the end");
  });

  it("that the workspace does not have fails the step before a model is asked", async () => {
    const server = serveModels(script({ text: "x" }));
    const { trace } = await agent({ tools: ["nowhere__tool"] });
    expect(trace.error?.code).toBe("tool.unknown");
    expect(server.asked).toHaveLength(0);
  });
});

it("a sub-agent works with its own tools, and hands its answer back", async () => {
  const where = await shop();
  const server = serveModels(({ tools, text }, index) => {
    const isSub = !tools.includes("helper");
    if (!isSub)
      return index === 0
        ? { toolCalls: [{ name: "helper", input: { task: "Echo 5" } }] }
        : { text: "all done" };
    return text.includes("echoed") ? { text: "five" } : call("fn__echo", 5);
  });
  const agents = [
    { name: "helper", description: "Echoes.", tools: ["fn__echo"], system: "You echo." },
  ];
  const { step } = await agent({ agents }, where);
  expect(step?.output).toMatchObject({ answer: "all done", turns: 2, usage: { calls: 4 } });
  expect(server.asked[1]?.text).toMatch(/You echo\..*Echo 5/s);
  expect(server.asked[3]?.text).toContain("five");
  expect(step?.substeps?.map(({ name }) => name)).toContain("turn_1_tool_1_turn_1_tool_1");
});

it("hands in data that fits the schema, and nothing else", async () => {
  const output_schema = {
    type: "object",
    properties: { price: { type: "number" } },
    required: ["price"],
  };
  const server = serveModels(
    script(
      { text: "It is 49." },
      { toolCalls: [{ name: "finish", input: { price: "49" } }] },
      { toolCalls: [{ name: "finish", input: { price: 49 } }] },
    ),
  );
  const { step } = await agent({ output_schema });
  expect(step?.output).toMatchObject({ object: { price: 49 }, turns: 3 });
  expect(server.asked[2]?.text).toContain("agent.bad-arguments");
});

describe("a limit", () => {
  it.each([
    ["turns", { turns: 3 }, 3],
    ["tokens", { tokens: 40 }, 3],
    ["cost_usd", { cost_usd: 0.00006 }, 2],
    ["seconds", { seconds: 0.000_001 }, 0],
  ])("of %s ends it by the port, with what happened", async (limit, limits, asked) => {
    const where = await shop();
    const server = serveModels((_, index) => call("fn__echo", index));
    const config = { model: claude, tools: ["fn__echo"], limits, on_limit: "fallback" };
    const { step } = await agent(config, where);
    expect(step).toMatchObject({ port: "fallback", output: { answer: null, limit } });
    expect(server.asked).toHaveLength(asked);
    if (asked > 0)
      expect(step?.output).toMatchObject({ transcript: expect.stringContaining("echoed") });
  });

  it("of identical calls refuses the call that is one too many", async () => {
    const where = await shop();
    serveModels(script(call("fn__echo", 7)));
    const config = { tools: ["fn__echo"], limits: { identical_calls: 2 }, on_limit: "fallback" };
    const { step } = await agent(config, where);
    expect(step).toMatchObject({
      port: "fallback",
      output: { limit: "identical_calls", turns: 3 },
    });
    expect(step?.substeps?.filter(({ name }) => name.includes("tool_"))).toHaveLength(2);
  });

  it("fails the step unless told otherwise", async () => {
    serveModels(script(call("made_up", 7)));
    expect((await agent({ limits: { turns: 1 } })).trace.error?.code).toBe("agent.limit");
  });
});

/** A run whose agent waits for a person. */
async function escalated() {
  const where = await shop();
  const server = serveModels(({ text }, index) =>
    text.includes("Take seven") ? { text: "seven, then" } : call("fn__echo", index),
  );
  const run = await request(
    "agent_loop",
    {
      model: local,
      goal: "Do it",
      tools: ["fn__echo"],
      limits: { turns: 2 },
      on_limit: "escalate",
    },
    { where },
  );
  await startRun(env, run);
  const status = async () => (await readTrace(env, run.id)).status;
  await expect.poll(status).toBe("waiting");
  const answer = async (name: string, payload: object) =>
    unwrap(await runStub(env, run.id).signal("step", name, payload));
  const read = async () => (await readTrace(env, run.id)).steps[1];
  return { server, status, answer, read };
}

describe("an escalation", () => {
  it("waits with the transcript, and goes on with advice without asking anew", async () => {
    const { server, status, answer, read } = await escalated();
    expect((await read())?.wait).toMatchObject({
      signal: "escalation",
      message: expect.stringContaining("agent calls fn__echo"),
    });
    await answer("escalation", { decision: "continue", text: "Take seven." });
    await expect.poll(status).toBe("succeeded");
    expect(await read()).toMatchObject({
      port: "done",
      output: { answer: "seven, then", turns: 3 },
    });
    expect(server.asked).toHaveLength(3);
  });

  it("asks again at the next limit, and ends with the person's answer", async () => {
    const { server, status, answer, read } = await escalated();
    await answer("escalation", { decision: "continue" });
    await expect.poll(async () => (await read())?.wait?.signal).toBe("escalation_2");
    expect(server.asked).toHaveLength(4);
    await answer("escalation_2", { decision: "answer", text: "Forty-two." });
    await expect.poll(status).toBe("succeeded");
    expect(await read()).toMatchObject({
      port: "escalated",
      output: { answer: "Forty-two.", decision: "answer", limit: "turns" },
    });
  });

  it("takes no answer before it asks: nobody could check who gives it", async () => {
    const { answer, status } = await escalated();
    const early = answer("escalation_2", { decision: "answer", text: "Mine." });
    await expect(early).rejects.toMatchObject({ code: "signal.not-waiting", status: 409 });
    expect(await status()).toBe("waiting");
  });
});

it("sums up the older part of a conversation that gets too long", async () => {
  const where = await shop();
  const server = serveModels(({ text }, index) => {
    if (text.includes("Sum up this part")) return { text: "SUMMARY" };
    return index > 6 ? { text: "done" } : { ...call("fn__long", index), inputTokens: 400 * index };
  });
  const config = { tools: ["fn__long"], context_tokens: 1_000 };
  const { step } = await agent(config, where);
  expect(step?.port).toBe("done");
  expect(step?.substeps?.map(({ name }) => name)).toContain("summary_1");
  const last = server.asked.at(-1)?.text ?? "";
  expect(last).toMatch(/Do it.*What you did so far:.*SUMMARY/s);
  expect(
    JSON.parse(last)[1].filter(({ role }: { role: string }) => role === "assistant"),
  ).toHaveLength(2);
});

it("streams what it says and which tools it calls", async () => {
  const where = await shop();
  const watched = Promise.withResolvers<void>();
  serveModels((_, index) =>
    index === 0 ? { ...call("fn__echo", 1), after: watched.promise } : { text: "one two three" },
  );
  const run = await request(
    "agent_loop",
    { model: local, goal: "Do it", tools: ["fn__echo"], stream: true },
    { where },
  );
  const events = await watch(run, watched.resolve);
  expect(events.map(({ event }) => event)).toContain("tool-called");
  const deltas = events.filter(({ event }) => event === "text-delta");
  expect(deltas.map(({ data }) => (data as { text: string }).text).join("")).toBe("one two three");
});
