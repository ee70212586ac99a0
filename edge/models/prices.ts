import type { ModelUsage } from "#blueprints/model";
import { prices } from "./prices.generated.ts";

/** A dated edition, as providers name it: `gpt-5-2025-08-07`, `claude-haiku-4-5-20251001`. */
const edition = /-(?:\d{4}-\d{2}-\d{2}|\d{8})$/;

/** By its exact name, else by its longest known beginning, else without its edition. */
function rowOf(model: string): readonly number[] | undefined {
  if (Object.hasOwn(prices, model)) return prices[model];
  const start = Object.keys(prices)
    .filter((name) => name.endsWith("*") && model.startsWith(name.slice(0, -1)))
    .toSorted((one, other) => other.length - one.length)[0];
  if (start !== undefined) return prices[start];
  return edition.test(model) ? rowOf(model.replace(edition, "")) : undefined;
}

/** US dollars of one call by list price; undefined: the price of the model is not known. */
export function costOf({
  model,
  inputTokens,
  outputTokens,
  cachedTokens = 0,
}: Pick<ModelUsage, "model" | "inputTokens" | "outputTokens" | "cachedTokens">):
  | number
  | undefined {
  const row = rowOf(model);
  if (!row) return undefined;
  const [longFrom = Infinity, ...long] = row.slice(3);
  const [input = 0, cached = 0, output = 0] = inputTokens > longFrom ? long : row;
  const known = Math.min(cachedTokens, inputTokens);
  return ((inputTokens - known) * input + known * cached + outputTokens * output) / 1e6;
}
