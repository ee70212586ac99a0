import type { Computation } from "./computation.ts";
import { titleOf } from "./naming.ts";
import type { Writing } from "./steps.ts";

type Properties = Readonly<Record<string, { readonly type?: unknown }>>;

function propertiesOf(schema: Record<string, unknown>): Properties {
  return (schema["properties"] ?? {}) as Properties;
}

const scalar = new Set<unknown>(["string", "number", "integer", "boolean"]);

/** Most fields that a message names one by one. */
const mostLines = 6;

/** What a person reads: a headline, then the result and the data, a line for each field. */
export function messageText(
  { graph, known }: Writing,
  computed: { readonly id: string; readonly of: Computation } | undefined,
  subject: string,
): string {
  if (!computed)
    return `${titleOf(known.phraseOf.get("notify") ?? `New ${subject}`)}\n${graph.said()}`;
  const output = propertiesOf(computed.of.output);
  const results = Object.keys(output)
    .filter((name) => scalar.has(output[name]?.type))
    .map(
      (name) =>
        `${titleOf(name.replaceAll("_", " "))}: {{ default(steps.${computed.id}.output.${name}, "-") }}`,
    );
  const started = graph.nodes.find(({ id }) => id === computed.id)?.config?.["input"] === undefined;
  const input = propertiesOf(started ? computed.of.input : {});
  const facts = Object.keys(input)
    .filter((name) => scalar.has(input[name]?.type))
    .map((name) => `${titleOf(name.replaceAll("_", " "))}: {{ default(input.${name}, "-") }}`);
  const lines = [...results.slice(0, mostLines), ...facts.slice(0, mostLines)];
  return [`New ${subject}`, ...(lines.length > 0 ? lines : [graph.said()])].join("\n");
}
