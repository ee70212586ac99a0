import type { BlueprintDocument } from "./builder.ts";

/** An input that the blueprint itself gives as an example: the first of its tests. */
export function exampleInput(blueprint: BlueprintDocument): Record<string, unknown> {
  const [test] = (blueprint.tests ?? []) as { input?: Record<string, unknown> }[];
  return test?.input ?? {};
}

/** The same input with its first number (at any depth) replaced. */
export function withNumber(input: Record<string, unknown>, value: number): Record<string, unknown> {
  let done = false;
  const replace = (one: unknown): unknown => {
    if (done) return one;
    if (typeof one === "number") {
      done = true;
      return value;
    }
    if (Array.isArray(one)) return one.map(replace);
    if (one === null || typeof one !== "object") return one;
    return Object.fromEntries(Object.entries(one).map(([name, inner]) => [name, replace(inner)]));
  };
  return replace(input) as Record<string, unknown>;
}
