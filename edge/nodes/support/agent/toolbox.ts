import { z } from "zod";
import type { ModelTool } from "#blueprints/model";
import type { Effect } from "#blueprints/node";
import type { NodeContext } from "#blueprints/node-context";
import type { Agent } from "./agent.ts";

/** Where a call of a tool leads. */
type Target =
  | { readonly kind: "tool" | "function"; readonly name: string; readonly effect: Effect }
  | { readonly kind: "agent"; readonly index: number }
  | { readonly kind: "read_more" | "finish" };

/** JSON: it is recorded, so that an agent keeps its tools whatever happens to the workspace. */
export interface Toolbox {
  readonly tools: readonly ModelTool[];
  /** By the name that the model calls it by. */
  readonly targets: Readonly<Record<string, Target>>;
}

const object = (properties: Record<string, unknown>) => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

export const readMoreInput = z.object({ result: z.string(), offset: z.int().min(0) });
export const taskInput = z.object({ task: z.string().min(1) });

const readMore: ModelTool = {
  name: "read_more",
  description: "Reads on in a tool result that was cut.",
  input: object({ result: { type: "string" }, offset: { type: "integer", minimum: 0 } }),
};

/** The names that models take: letters, digits, `_` and `-`, at most 64. */
function safeName(name: string, taken: ReadonlySet<string>): string {
  const safe =
    name
      .replaceAll(/[^\w-]+/g, "_")
      .replace(/^_+/, "")
      .slice(0, 60) || "tool";
  if (!taken.has(safe)) return safe;
  for (let count = 2; ; count += 1) if (!taken.has(`${safe}_${count}`)) return `${safe}_${count}`;
}

/** All that an agent can call. @throws ConfigurationError `tool.unknown`, `function.unknown` */
export async function openToolbox(context: NodeContext, agent: Agent): Promise<Toolbox> {
  const wanted = [
    ...agent.tools.map((name) => ({ kind: "tool", name, what: { tool: name } }) as const),
    ...agent.functions.map(
      (name) => ({ kind: "function", name, what: { function: name } }) as const,
    ),
  ];
  const described = await Promise.all(wanted.map(({ what }) => context.describe(what)));
  const tools: ModelTool[] = [readMore];
  const targets: Record<string, Target> = { read_more: { kind: "read_more" } };
  const add = (name: string, tool: Omit<ModelTool, "name">, target: Target): void => {
    const free = safeName(name, new Set(Object.keys(targets)));
    tools.push({ name: free, ...tool });
    targets[free] = target;
  };
  if (agent.output_schema) {
    const description = "Hands in the result and ends the work. Call it alone, once all is done.";
    add("finish", { description, input: agent.output_schema }, { kind: "finish" });
  }
  for (const [index, { kind, name }] of wanted.entries()) {
    const { description = "", input = {}, effect = "external" } = described[index] ?? {};
    const schema = { properties: {}, ...input, type: "object" };
    add(name, { description: description || name, input: schema }, { kind, name, effect });
  }
  for (const [index, { name, description }] of agent.agents.entries()) {
    const input = object({ task: { type: "string", description: "All that it must know." } });
    add(name, { description, input }, { kind: "agent", index });
  }
  return { tools, targets };
}
