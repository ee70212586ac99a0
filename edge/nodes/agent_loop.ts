import { z } from "zod";
import { InputError } from "#blueprints/error";
import { defineNode, type NodeResult, type NodeWait } from "#blueprints/node";
import type { NodeContext } from "#blueprints/node-context";
import { agentFields, type Limit } from "./support/agent/agent.ts";
import { AgentLoop, type Ending } from "./support/agent/loop.ts";
import { transcriptOf } from "./support/agent/transcript.ts";

const config = z
  .strictObject({
    ...agentFields,
    on_limit: z
      .enum(["escalate", "fallback", "fail"])
      .default("fail")
      .describe(
        "`escalate` waits for a person, `fallback` takes that port, `fail` fails the step.",
      ),
    reviewers: z
      .array(z.string().min(1))
      .max(50)
      .optional()
      .describe("Who may answer, with `on_limit: escalate`; absent: whoever may answer."),
    escalation_hours: z.number().positive().max(720).default(72),
  })
  .refine(
    ({ agents }) => new Set(agents.map(({ name }) => name)).size === agents.length,
    "give every sub-agent a name of its own",
  );
type Config = z.infer<typeof config>;

const output = z.object({
  answer: z.string().nullable().describe("What the agent, or a person for it, said at the end."),
  object: z.unknown().optional().describe("The result; only with `output_schema`."),
  limit: z.string().optional().describe("The limit that ended it, e.g. `turns`."),
  decision: z
    .enum(["answer", "stop", "timeout"])
    .optional()
    .describe("What a person decided; only at port `escalated`."),
  transcript: z.string().optional().describe("Where it was not done: what happened."),
  turns: z.number(),
  tool_calls: z.number(),
  usage: z.object({
    calls: z.number(),
    tokens: z.number(),
    cost_usd: z.number().describe("As far as prices are known."),
  }),
});
type Output = z.infer<typeof output>;

const decision = z.object({
  decision: z.enum(["continue", "answer", "stop"]),
  text: z.string().default(""),
});

const form = {
  type: "object",
  properties: {
    decision: {
      type: "string",
      enum: ["continue", "answer", "stop"],
      description: "`continue` renews its limits, `answer` ends it with `text`.",
    },
    text: { type: "string", description: "Advice to the agent, or the answer." },
  },
  required: ["decision"],
};

/** The first signal of a name counts, so each escalation asks under a name of its own. */
const signalName = (count: number) => (count === 1 ? "escalation" : `escalation_${count}`);

function report(context: NodeContext, loop: AgentLoop) {
  const { calls, tokens, costUsd } = context.model.spent();
  const { turns, toolCalls } = loop.counts;
  return { turns, tool_calls: toolCalls, usage: { calls, tokens, cost_usd: costUsd } };
}

function unfinished(
  context: NodeContext,
  loop: AgentLoop,
  told: Pick<Output, "answer" | "limit" | "decision">,
): Output {
  return { ...told, transcript: transcriptOf(loop.messages), ...report(context, loop) };
}

function askPerson(
  context: NodeContext,
  wanted: Config,
  { loop, limit, signal }: { loop: AgentLoop; limit: Limit; signal: string },
): NodeWait {
  return {
    wait: {
      signal,
      until: context.now() + wanted.escalation_hours * 3_600_000,
      title: `The agent reached its limit: ${limit}`,
      message: transcriptOf(loop.messages),
      form,
      ...(wanted.reviewers ? { reviewers: wanted.reviewers } : {}),
    },
  };
}

/** What comes of a limit; undefined: a person lets the agent go on. */
function atLimit(
  context: NodeContext,
  wanted: Config,
  { loop, limit, count }: { loop: AgentLoop; limit: Limit; count: number },
): NodeResult<Output> | NodeWait | undefined {
  if (wanted.on_limit === "fail") {
    const { turns } = loop.counts;
    throw new InputError(
      "agent.limit",
      `The agent reached its limit \`${limit}\` after ${turns} turns.`,
      { fix: "Raise the limit, make the goal smaller, or set `on_limit`.", status: 409 },
    );
  }
  if (wanted.on_limit === "fallback") {
    return { output: unfinished(context, loop, { answer: null, limit }), port: "fallback" };
  }
  const signal = signalName(count);
  if (!context.signals.has(signal)) {
    if (context.arrival?.kind !== "timeout")
      return askPerson(context, wanted, { loop, limit, signal });
    const told = { answer: null, limit, decision: "timeout" } as const;
    return { output: unfinished(context, loop, told), port: "escalated" };
  }
  const said = decision.safeParse(context.signals.get(signal));
  const { decision: decided, text } = said.data ?? { decision: "stop", text: "" };
  if (decided === "continue") {
    loop.say(`A person read this and says: ${text || "go on."}`);
    return undefined;
  }
  const answer = decided === "answer" ? text : null;
  const told = { answer, limit, decision: decided };
  return { output: unfinished(context, loop, told), port: "escalated" };
}

function done(
  context: NodeContext,
  loop: AgentLoop,
  { text, object }: Ending & { kind: "done" },
): NodeResult<Output> {
  const result = object === undefined ? {} : { object };
  return { output: { answer: text, ...result, ...report(context, loop) }, port: "done" };
}

/** A model that works towards a goal with tools, turn by turn. */
export const agentLoop = defineNode({
  type: "agent_loop",
  title: "Agent",
  summary: "Lets a model work towards a goal with tools, within limits, and survives restarts.",
  description:
    "The model is given `goal` and calls `tools` of the workspace (MCP servers, `fn__` functions, `skill__` " +
    "skills), `functions` pinned with the run, and `agents`: sub-agents with tools of their own. Every turn " +
    "and every tool call is recorded: after a crash none is repeated or paid for again; a tool call that was " +
    "under way and must not be repeated follows the node's `on_uncertain`. A failing tool is told to the " +
    "model. Calls of one turn run at once; results longer than `tool_result_characters` are cut, and the " +
    "model reads on with `read_more`; a conversation over `context_tokens` is summed up. With " +
    "`output_schema` the result is data: `output.object`. When one of `limits` is reached, `on_limit` " +
    "decides: `escalate` waits for a person with the transcript, who sends `escalation` with " +
    '`{"decision": "continue" | "answer" | "stop", "text"}` (port `escalated`, unless it continues); ' +
    "`fallback` takes that port; `fail` fails. In tests a stub of the step whose body is `{ turns: [...] }` " +
    "says what the model answers, turn by turn: a text, or `{ tool_calls: [{ name, input }] }`.",
  config,
  output,
  outputOf({ output_schema: object }) {
    if (object === undefined) return undefined;
    const { properties, ...rest } = z.toJSONSchema(output);
    return { ...rest, properties: { ...properties, object } };
  },
  verbatim: ["output_schema"],
  ports: ({ on_limit: way }) => {
    if (way === "fail") return ["done"];
    return ["done", way === "escalate" ? "escalated" : "fallback"];
  },
  // What it does to the world it does in sub-steps, which know their own effects.
  effect: () => "idempotent",
  asksPeople: true,
  timeoutMs: ({ limits }) => (limits.seconds + 60) * 1_000,
  requires: ({ tools, functions, agents }) => ({
    tools: [...tools, ...agents.flatMap((one) => one.tools)],
    functions: [...functions, ...agents.flatMap((one) => one.functions)],
  }),
  examples: [
    {
      title: "Look up an order and answer",
      config: config.parse({
        goal: "Answer the customer: {{ input.text }}",
        system: "You answer for the shop.",
        tools: ["shop__find_order"],
        functions: ["double"],
        on_limit: "fallback",
      }),
      input: { text: "Where is order 7?" },
      stubs: [
        { match: "shop__find_order", body: { id: 7, status: "sent" } },
        {
          match: "step",
          body: {
            turns: [
              {
                tool_calls: [
                  { name: "shop__find_order", input: { id: 7 } },
                  { name: "double", input: { value: 21 } },
                ],
              },
              "It was sent.",
            ],
          },
        },
      ],
      expect: { port: "done", output: { answer: "It was sent.", turns: 2, tool_calls: 2 } },
    },
    {
      title: "Data as the result, or the other way when it takes too long",
      config: config.parse({
        goal: "Find the price of {{ input.product }}",
        tools: ["web__search"],
        output_schema: {
          type: "object",
          properties: { price: { type: "number" } },
          required: ["price"],
        },
        limits: { turns: 5, seconds: 120, cost_usd: 0.5 },
        on_limit: "fallback",
      }),
      input: { product: "a chair" },
      stubs: [{ match: "step", body: { tool_calls: [{ name: "finish", input: { price: 49 } }] } }],
      expect: { port: "done", output: { object: { price: 49 } } },
    },
  ],
  async run(context, wanted) {
    const loop = new AgentLoop(context, wanted);
    for (let count = 1; ; count += 1) {
      const ending = await loop.work();
      if (ending.kind === "done") return done(context, loop, ending);
      const outcome = atLimit(context, wanted, { loop, limit: ending.limit, count });
      if (outcome) return outcome;
    }
  },
});
