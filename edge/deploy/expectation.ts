import type { BlueprintTest } from "#blueprints/blueprint";

/** What a test run showed, whatever it ran. */
export interface Observation {
  readonly output?: unknown;
  readonly error?: { readonly code: string; readonly message: string; readonly fix?: string };
  /** Nodes that ran, in order. */
  readonly visited: readonly string[];
  readonly effects: readonly ObservedEffect[];
}
export interface ObservedEffect {
  readonly node: string;
  readonly target: string;
  readonly body?: unknown;
}

/** What was expected and did not come, each a sentence; empty: the test passed. */
export function compare(expect: BlueprintTest["expect"], seen: Observation): string[] {
  const failures: string[] = [];
  if (expect.error === undefined && seen.error) {
    failures.push(`It failed with ${seen.error.code}: ${seen.error.message}`);
  }
  if (expect.error !== undefined && seen.error?.code !== expect.error) {
    failures.push(`Expected the error ${expect.error}, got ${seen.error?.code ?? "none"}.`);
  }
  if (expect.output !== undefined && !(seen.error && expect.error === undefined)) {
    failures.push(...differences(expect.output, seen.output, "output"));
  }
  for (const node of expect.visited ?? []) {
    if (!seen.visited.includes(node)) failures.push(`The step "${node}" did not run.`);
  }
  for (const node of expect.not_visited ?? []) {
    if (seen.visited.includes(node)) failures.push(`The step "${node}" ran, but should not have.`);
  }
  if (expect.no_effects && seen.effects.length > 0) {
    const calls = seen.effects.map(({ node, target }) => `${node} (${target})`).join(", ");
    failures.push(`Expected no outside call, but there were: ${calls}.`);
  }
  failures.push(...missingEffects(expect.effects ?? [], seen.effects));
  return failures;
}

/** Every field that is expected is equal in the value; what else the value has does not matter. */
export function differences(expected: unknown, value: unknown, path: string): string[] {
  if (Array.isArray(expected)) {
    if (!Array.isArray(value)) return [`${path} is ${show(value)}, expected a list.`];
    if (value.length !== expected.length) {
      return [`${path} has ${value.length} items, expected ${expected.length}.`];
    }
    return expected.flatMap((item, at) => differences(item, value[at], `${path}[${at}]`));
  }
  if (typeof expected === "object" && expected !== null) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return [`${path} is ${show(value)}, expected an object.`];
    }
    return Object.entries(expected).flatMap(([key, part]) =>
      Object.hasOwn(value, key)
        ? differences(part, (value as Record<string, unknown>)[key], `${path}.${key}`)
        : [`${path}.${key} is missing, expected ${show(part)}.`],
    );
  }
  return Object.is(expected, value)
    ? []
    : [`${path} is ${show(value)}, expected ${show(expected)}.`];
}

/** Each expected call after the one before it. */
function missingEffects(
  expected: NonNullable<BlueprintTest["expect"]["effects"]>,
  effects: readonly ObservedEffect[],
): string[] {
  let from = 0;
  const failures: string[] = [];
  for (const { node, contains } of expected) {
    const at = effects.findIndex(
      (effect, index) =>
        index >= from &&
        effect.node === node &&
        (contains === undefined || textOf(effect).includes(contains)),
    );
    if (at >= 0) {
      from = at + 1;
      continue;
    }
    const seen = effects.map((effect) => `${effect.node}: ${show(textOf(effect))}`).join("; ");
    const what = contains === undefined ? "" : ` containing ${show(contains)}`;
    failures.push(`"${node}" made no outside call${what}. Seen: ${seen || "none"}.`);
  }
  return failures;
}

function textOf({ target, body }: ObservedEffect): string {
  const text = typeof body === "string" ? body : (JSON.stringify(body) ?? "");
  return `${target}\n${text}`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
