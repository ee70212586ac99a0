import { afterEach, expect, it, vi } from "vitest";
import { confidenceRouter } from "./confidence_router.ts";
import { local, play, serveModels } from "./support/models.fixture.ts";

afterEach(() => vi.restoreAllMocks());

const bands = [
  { name: "easy", below: 0.3, model: "anthropic:claude-haiku-4-5" },
  { name: "middle", below: 0.7, model: "anthropic:claude-sonnet-4-5" },
  { name: "hard", model: "anthropic:claude-opus-4-5" },
];

it.each([
  [-5, "easy"],
  [0.299, "easy"],
  [0.3, "middle"],
  [0.7, "hard"],
  [99, "hard"],
])("a score of %d takes the band %s", async (score, band) => {
  const { step } = await play(
    "confidence_router",
    { score: "input.s", bands },
    { input: { s: score } },
  );
  expect(step).toMatchObject({ port: band, output: { band, score } });
});

it("asks a model, and says what the route saves after the question is paid for", async () => {
  serveModels(() => ({
    text: '{"score":0.1,"reason":"A fact."}',
    inputTokens: 100,
    outputTokens: 10,
  }));
  const config = {
    question: "How hard is it?",
    model: bands[0]?.model,
    bands,
    expected_tokens: { input: 10_000, output: 1_000 },
  };
  const { step } = await play("confidence_router", config, { input: { text: "When?" } });
  expect(step).toMatchObject({ port: "easy", models: [{ inputTokens: 100 }] });
  const { estimate = {} } = { ...(step?.output as { estimate?: Record<string, number> }) };
  const { cost_usd: own = 0, most_usd: most = 0, routing_usd: routing = 0, saved_usd } = estimate;
  expect(own).toBeGreaterThan(0);
  expect(most).toBeGreaterThan(own);
  expect(routing).toBeGreaterThan(0);
  expect(saved_usd).toBeCloseTo(most - own - routing, 10);
  expect(step?.logs.join()).toContain("Saves about");
});

it("fails without a score, or takes the band that it is told", async () => {
  serveModels(() => ({ status: 401 }));
  const config = { question: "How hard is it?", model: local, bands };
  const failed = await play("confidence_router", config);
  expect(failed.trace.error?.code).toBe("model.failed");
  const { step } = await play("confidence_router", { ...config, otherwise: "hard" });
  expect(step).toMatchObject({ port: "hard", output: { score: null, model: bands[2]?.model } });
  const text = { score: "input.text", bands, otherwise: "middle" };
  expect((await play("confidence_router", text, { input: { text: "high" } })).step?.port).toBe(
    "middle",
  );
});

it.each([
  ["two sources", { score: "1", question: "x", bands }],
  ["no source", { bands }],
  ["a gap", { score: "1", bands: [{ name: "a" }, { name: "b" }] }],
  [
    "no rest",
    {
      score: "1",
      bands: [
        { name: "a", below: 1 },
        { name: "b", below: 2 },
      ],
    },
  ],
  [
    "a wrong order",
    { score: "1", bands: [{ name: "a", below: 2 }, { name: "b", below: 1 }, { name: "c" }] },
  ],
  ["a name twice", { score: "1", bands: [{ name: "a", below: 2 }, { name: "a" }] }],
  ["an unknown band", { score: "1", otherwise: "z", bands }],
])("refuses %s", (_, config) => {
  expect(confidenceRouter.config.safeParse(config).success).toBe(false);
});
