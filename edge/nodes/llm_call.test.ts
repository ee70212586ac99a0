import { afterEach, describe, expect, it, vi } from "vitest";
import { checkBlueprint } from "#blueprints/check";
import { nodes } from "#edge/nodes/index";
import { env } from "#edge/workflow/run.fixture";
import { readTrace, startRun } from "#edge/workflow/start";
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

const schema = {
  type: "object",
  properties: { severity: { type: "string", enum: ["low", "high"] } },
  required: ["severity"],
  additionalProperties: false,
};

describe.each(everyFormat)("with %s", (model) => {
  it("sends the conversation, and records tokens and cost of the answer", async () => {
    const server = serveModels(() => ({
      text: "It is fine.",
      inputTokens: 1000,
      outputTokens: 200,
    }));
    const { step } = await play(
      "llm_call",
      {
        model,
        system: "Be brief.",
        messages: [
          { role: "user", text: "Hello" },
          { role: "assistant", text: "Yes?" },
        ],
        prompt: "How is {{ input.name }}?",
        temperature: 0.5,
        max_tokens: 300,
      },
      { input: { name: "Ada" } },
    );
    expect(server.asked).toHaveLength(1);
    expect(JSON.stringify(server.asked[0]?.body)).toMatch(
      /"(max_tokens|max_output_tokens|maxOutputTokens)":300/,
    );
    expect(JSON.stringify(server.asked[0]?.body)).toContain('"temperature":0.5');
    expect(server.asked[0]?.text).toMatch(/Be brief\..*Hello.*Yes\?.*How is Ada\?/);
    expect(step?.output).toMatchObject({ text: "It is fine.", model, finish: "stop" });
    expect(step?.models).toMatchObject([{ model, inputTokens: 1000, outputTokens: 200 }]);
    if (model === claude) {
      expect(step?.models?.[0]?.costUsd).toBeCloseTo(0.002);
      expect(step?.output).toMatchObject({ usage: { calls: 1, tokens: 1200 } });
    }
  });

  it("streams the text as it comes, and counts tokens then too", async () => {
    const watched = Promise.withResolvers<void>();
    serveModels(() => ({ text: "one two three", after: watched.promise, outputTokens: 7 }));
    const run = await request("llm_call", { model, prompt: "Count", stream: true });
    const events = await watch(run, watched.resolve);
    const deltas = events.filter(({ event }) => event === "text-delta");
    expect(deltas.length).toBeGreaterThan(1);
    expect(deltas.map(({ data }) => (data as { text: string }).text).join("")).toBe(
      "one two three",
    );
    expect(events.at(-1)).toMatchObject({
      event: "result",
      data: { status: "succeeded", output: { text: "one two three", usage: { tokens: 17 } } },
    });
  });

  it("asks for a schema, and sends an answer that does not fit back once", async () => {
    const server = serveModels((_, index) => {
      const object = index === 0 ? { severity: "dire" } : { severity: "high" };
      return { text: JSON.stringify(object), toolCalls: [] };
    });
    const config = { model, prompt: "The shop is down", output_schema: schema };
    const { step } = await play("llm_call", config);
    expect(step?.output).toMatchObject({ object: { severity: "high" }, usage: { calls: 2 } });
    expect(JSON.stringify(server.asked[0]?.body)).toContain('"enum":["low","high"]');
    expect(server.asked[1]?.text).toContain("dire");
    expect(server.asked[1]?.text).toContain("does not fit");
    expect(step?.substeps?.map(({ name }) => name)).toEqual(["call_1", "call_1_repair_1"]);
  });
});

it("fails when no answer fits, with the place that does not", async () => {
  serveModels(() => ({ text: "high, I think" }));
  const config = { model: local, prompt: "x", output_schema: schema, repairs: 2 };
  const { trace, step } = await play("llm_call", config);
  expect(trace.error).toMatchObject({ code: "llm-call.output-invalid" });
  expect(step?.models).toHaveLength(3);
});

it("asks again when the provider says that it is busy", async () => {
  const server = serveModels((_, index) =>
    index === 0 ? { status: 429, headers: { "retry-after": "0" } } : { text: "now" },
  );
  const retry = { attempts: 2, delay_ms: 1 };
  const run = await request("llm_call", { model: local, prompt: "x" }, { node: { retry } });
  await startRun(env, run);
  await expect.poll(async () => (await readTrace(env, run.id)).status).toBe("succeeded");
  expect(server.asked).toHaveLength(2);
  expect((await readTrace(env, run.id)).output).toMatchObject({ text: "now" });
});

it("asks the next model when one fails for good, and says so", async () => {
  const server = serveModels(({ model }) =>
    model === "tiny" ? { status: 401 } : { text: "from the second" },
  );
  const config = { model: local, fallback_models: ["nobody:x", claude], prompt: "x" };
  const { step } = await play("llm_call", config);
  expect(server.asked.map(({ model }) => model)).toEqual(["tiny", "claude-haiku-4-5"]);
  expect(step?.output).toMatchObject({ text: "from the second", model: claude });
  expect(step?.logs).toHaveLength(2);
});

it("makes no further call once the step has cost what it may", async () => {
  const server = serveModels(() => ({ text: "no", inputTokens: 1_000_000 }));
  const config = { model: claude, prompt: "x", output_schema: schema, repairs: 3 };
  const { trace } = await play("llm_call", { ...config, max_cost_usd: 0.5 });
  expect(trace.error?.code).toBe("model.budget-exhausted");
  expect(server.asked).toHaveLength(1);
});

it("says which model is not set up", async () => {
  const { trace } = await play("llm_call", { model: "groq", prompt: "x" });
  expect(trace.error).toMatchObject({ code: "model.no-key", fix: expect.any(String) });
});

/** Codes of the issues when a later step reads this of the answer. */
const reading = (path: string) =>
  checkBlueprint(
    {
      name: "x",
      workflows: [
        {
          name: "w",
          nodes: [
            { id: "start", type: "trigger" },
            { id: "sort", type: "llm_call", config: { prompt: "x", output_schema: schema } },
            {
              id: "out",
              type: "action",
              config: { set: { name: "x", value: `{{ steps.sort.output.${path} }}` } },
            },
          ],
          edges: [
            { from: "start", to: "sort" },
            { from: "sort", to: "out" },
          ],
        },
      ],
    },
    nodes,
  ).issues.map(({ code }) => code);

it("is checked by its own schema: later steps read only what it promises", () => {
  expect(reading("object.severity")).toEqual([]);
  expect(reading("usage.tokens")).toEqual([]);
  expect(reading("object.severty")).toHaveLength(1);
});
