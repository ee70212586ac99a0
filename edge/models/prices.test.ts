import { expect, it } from "vitest";
import { providers } from "./index.ts";
import { costOf } from "./prices.ts";

const cost = (model: string, inputTokens: number, outputTokens = 0, cachedTokens = 0) =>
  costOf({ model, inputTokens, outputTokens, cachedTokens });

const defaults = Object.values(providers).flatMap(({ name, defaultModel }) =>
  defaultModel === undefined ? [] : [`${name}:${defaultModel}`],
);

it.each(defaults)("the default model %s has a price", (model) => {
  expect(cost(model, 1_000_000, 1_000_000)).toBeGreaterThan(0);
});

it("counts input, cached input and output by their own prices", () => {
  expect(cost("anthropic:claude-haiku-4-5", 1_000_000)).toBeCloseTo(1);
  expect(cost("anthropic:claude-haiku-4-5", 1_000_000, 0, 1_000_000)).toBeCloseTo(0.1);
  expect(cost("anthropic:claude-haiku-4-5", 0, 1_000_000)).toBeCloseTo(5);
});

it("knows dated editions, the nearest name, and what long inputs cost", () => {
  expect(cost("openai:gpt-5-mini-2031-01-01", 1_000_000)).toBe(
    cost("openai:gpt-5-mini", 1_000_000),
  );
  expect(cost("anthropic:claude-opus-4-1-20250805", 1_000_000)).toBeCloseTo(15);
  expect(cost("anthropic:claude-opus-4-5-20251101", 1_000_000)).toBeCloseTo(5);
  expect(cost("google:gemini-2.5-pro", 200_000)).toBeCloseTo(0.25);
  expect(cost("google:gemini-2.5-pro", 400_000)).toBeCloseTo(1);
});

it("says nothing about a model that it does not know", () => {
  expect(cost("openai:gpt-5-mini-of-nobody", 1)).toBeUndefined();
  expect(cost("openai-compatible:tiny", 1)).toBeUndefined();
  expect(cost("anthropic:toString", 1)).toBeUndefined();
});
