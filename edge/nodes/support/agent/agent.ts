import { z } from "zod";
import { modelName, outputSchema } from "../model-fields.ts";

/** What an agent and its sub-agents have in common. */
const common = {
  model: modelName.optional(),
  system: z.string().max(200_000).optional().describe("Who the agent is and what it must keep to."),
  tools: z
    .array(z.string().min(1).max(64))
    .max(100)
    .default([])
    .describe(
      "Tools of the workspace by final name: `<alias>__<tool>`, `fn__<name>`, `skill__<name>`.",
    ),
  functions: z
    .array(z.string().min(1))
    .max(50)
    .default([])
    .describe("Functions by name or `@user/name@1.2.3`, pinned with the run."),
};

const subAgent = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, "lower case letters, digits and _"),
  description: z.string().min(1).max(2_000).describe("When to ask it; the agent reads this."),
  ...common,
  max_turns: z.int().min(1).max(100).default(10),
});

const limits = z
  .strictObject({
    turns: z.int().min(1).max(200).default(20),
    seconds: z.number().positive().max(14_400).default(600),
    tokens: z.int().min(1).optional(),
    cost_usd: z.number().positive().optional(),
    identical_calls: z
      .int()
      .min(1)
      .max(100)
      .default(3)
      .describe("How often the same tool may be called with the same arguments."),
  })
  .prefault({});

export const agentFields = {
  goal: z.string().min(1).max(200_000).describe("What is to be reached, with templates."),
  messages: z
    .array(z.strictObject({ role: z.enum(["user", "assistant"]), text: z.string() }))
    .max(500)
    .default([])
    .describe("A conversation before it."),
  ...common,
  agents: z
    .array(subAgent)
    .max(10)
    .default([])
    .describe(
      "Sub-agents that the agent can give a task to; each starts from nothing but the task.",
    ),
  output_schema: outputSchema
    .optional()
    .describe("JSON Schema (an object) of the result, as written: `output.object`."),
  temperature: z.number().min(0).max(2).optional(),
  max_tokens: z.int().min(1).max(1_000_000).optional().describe("Of one answer."),
  limits,
  parallel_tools: z.int().min(1).max(10).default(5).describe("Tool calls at once."),
  tool_result_characters: z
    .int()
    .min(200)
    .max(200_000)
    .default(20_000)
    .describe("Longer results are cut; the agent can read on."),
  context_tokens: z
    .int()
    .min(1_000)
    .max(2_000_000)
    .default(100_000)
    .describe("When the conversation gets longer, its older part is summed up."),
  stream: z
    .boolean()
    .default(false)
    .describe("Tells whoever watches the run the text as it comes, as `text-delta` events."),
};

const settings = z.strictObject(agentFields);
/** An agent as one loop runs it; a sub-agent is given the rest by its parent. */
export type Agent = z.infer<typeof settings>;
export type SubAgent = z.infer<typeof subAgent>;
export type Limit = "turns" | "seconds" | "tokens" | "cost_usd" | "identical_calls";

/** A sub-agent with a task, within what its parent may still use. */
export function toAgent(parent: Agent, sub: SubAgent, task: string): Agent {
  const { name: _, description: __, max_turns: turns, ...own } = sub;
  const { output_schema: ___, model, ...inherited } = parent;
  return {
    ...inherited,
    ...(model === undefined ? {} : { model }),
    system: "",
    ...own,
    goal: task,
    messages: [],
    agents: [],
    limits: { ...parent.limits, turns },
  };
}
