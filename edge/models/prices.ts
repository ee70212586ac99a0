import type { ModelUsage } from "#blueprints/model";

/** US dollars for a million tokens. */
interface Price {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
}

/** List prices of the default models, by the start of a model's id; the longest start wins. */
const prices: Readonly<Record<string, Price>> = {
  "anthropic:claude-opus-4": { input: 5, cached: 0.5, output: 25 },
  "anthropic:claude-sonnet-4": { input: 3, cached: 0.3, output: 15 },
  "anthropic:claude-haiku-4": { input: 1, cached: 0.1, output: 5 },
  "openai:gpt-5": { input: 1.25, cached: 0.125, output: 10 },
  "openai:gpt-5-mini": { input: 0.25, cached: 0.025, output: 2 },
  "openai:gpt-5-nano": { input: 0.05, cached: 0.005, output: 0.4 },
  "google:gemini-2.5-pro": { input: 1.25, cached: 0.31, output: 10 },
  "google:gemini-2.5-flash": { input: 0.3, cached: 0.075, output: 2.5 },
  "groq:llama-3.3-70b": { input: 0.59, cached: 0.59, output: 0.79 },
};

/** US dollars of one call; undefined: the price of the model is not known. */
export function costOf(
  usage: Pick<ModelUsage, "model" | "inputTokens" | "outputTokens" | "cachedTokens">,
): number | undefined {
  const start = Object.keys(prices)
    .filter((known) => usage.model.startsWith(known))
    .toSorted((one, other) => other.length - one.length)[0];
  const price = start === undefined ? undefined : prices[start];
  if (!price) return undefined;
  const cached = Math.min(usage.cachedTokens ?? 0, usage.inputTokens);
  const fresh = usage.inputTokens - cached;
  return (fresh * price.input + cached * price.cached + usage.outputTokens * price.output) / 1e6;
}
