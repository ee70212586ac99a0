import { z } from "zod";
import { AerostackError, BugError, ConfigurationError } from "#blueprints/error";
import type { ModelAnswer, ModelCall, ModelMessage } from "#blueprints/model";
import { defineNode } from "#blueprints/node";
import type { NodeContext } from "#blueprints/node-context";
import { modelName, outputSchema } from "./support/model-fields.ts";

const config = z
  .strictObject({
    model: modelName.optional(),
    fallback_models: z
      .array(modelName)
      .max(5)
      .default([])
      .describe("Asked in this order when the model before them fails for good."),
    system: z
      .string()
      .max(200_000)
      .optional()
      .describe("Who the model is and what it must keep to."),
    prompt: z
      .string()
      .min(1)
      .max(1_000_000)
      .optional()
      .describe("What it is asked, after `messages` where there are any."),
    messages: z
      .array(z.strictObject({ role: z.enum(["user", "assistant"]), text: z.string() }))
      .max(500)
      .optional()
      .describe("A conversation so far. Give this, `prompt`, or both."),
    output_schema: outputSchema
      .optional()
      .describe("JSON Schema of a structured answer, as written; its value is `output.object`."),
    repairs: z
      .int()
      .min(0)
      .max(3)
      .default(1)
      .describe(
        "How often an answer that does not fit `output_schema` is sent back with the reason.",
      ),
    temperature: z.number().min(0).max(2).optional(),
    max_tokens: z.int().min(1).max(1_000_000).optional().describe("Of one answer."),
    stream: z
      .boolean()
      .default(false)
      .describe("Tells whoever watches the run the text as it comes, as `text-delta` events."),
    max_cost_usd: z
      .number()
      .positive()
      .optional()
      .describe("No further call is made once the step has cost as much."),
  })
  .refine(
    ({ prompt, messages }) => prompt !== undefined || (messages?.length ?? 0) > 0,
    "give `prompt` or `messages`",
  );
type Config = z.infer<typeof config>;

const output = z.object({
  text: z.string(),
  object: z.unknown().optional().describe("The structured answer; only with `output_schema`."),
  model: z.string().describe("`provider:model` that answered."),
  finish: z
    .string()
    .describe("`stop`, `length` (cut at `max_tokens`), `content-filter`, `error` or `other`."),
  usage: z.object({
    calls: z.number(),
    tokens: z.number(),
    cost_usd: z.number().describe("As far as prices are known."),
  }),
});

/** An answer, or what is wrong with the structured one. */
type Said =
  | { readonly answer: ModelAnswer }
  | { readonly invalid: { readonly text: string; readonly problem: string } };

function messagesOf({ messages = [], prompt }: Config): ModelMessage[] {
  return [...messages, ...(prompt === undefined ? [] : [{ role: "user" as const, text: prompt }])];
}

function tell(context: NodeContext, call: ModelCall, wanted: Config): Promise<ModelAnswer> {
  if (!wanted.stream) return context.model.generate(call);
  const { path: step } = context.step;
  // Whatever was told before this is void: an attempt that failed, or an answer sent back.
  context.emit({ type: "text-started", data: { step, model: call.model ?? null } });
  return context.model.stream(call, (text) =>
    context.emit({ type: "text-delta", data: { step, text } }),
  );
}

async function say(context: NodeContext, call: ModelCall, wanted: Config): Promise<Said> {
  try {
    return { answer: await tell(context, call, wanted) };
  } catch (error) {
    if (!(error instanceof AerostackError) || error.code !== "model.output-invalid") throw error;
    const { text, problem } = { text: "", problem: "", ...error.details };
    return { invalid: { text, problem } };
  }
}

/** One model: asked, and asked again while its structured answer does not fit. */
async function ask(
  context: NodeContext,
  wanted: Config,
  { model, name }: { model: string | undefined; name: string },
): Promise<ModelAnswer> {
  const { system, temperature, max_tokens: maxTokens, max_cost_usd: costUsd } = wanted;
  const settings: Omit<ModelCall, "messages"> = {
    ...(model === undefined ? {} : { model }),
    ...(system === undefined ? {} : { system }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(costUsd === undefined ? {} : { budget: { costUsd } }),
    ...(wanted.output_schema === undefined ? {} : { output: wanted.output_schema }),
  };
  const messages = messagesOf(wanted);
  let problem = "";
  for (let attempt = 0; attempt <= wanted.repairs; attempt += 1) {
    const step = attempt === 0 ? name : `${name}_repair_${attempt}`;
    const input = { model: model ?? null, ...(attempt === 0 ? {} : { problem }) };
    const said = await context.substep(step, { effect: "idempotent", input }, (inner) =>
      say(inner, { ...settings, messages }, wanted),
    );
    if ("answer" in said) return said.answer;
    problem = said.invalid.problem;
    messages.push(
      { role: "assistant", text: said.invalid.text },
      {
        role: "user",
        text: `That does not fit the schema. ${problem}\nAnswer again, with nothing but JSON that fits.`,
      },
    );
  }
  throw new ConfigurationError(
    "llm-call.output-invalid",
    `No answer of ${model ?? "the model"} fits \`output_schema\`. ${problem}`,
    { fix: "Describe the fields better, raise `repairs`, or take a model that keeps to a schema." },
  );
}

/** Failures of one model that another one may not have. */
function isOfModel(error: unknown): boolean {
  return (
    error instanceof AerostackError &&
    (error.code === "llm-call.output-invalid" || error.code.startsWith("model.")) &&
    error.code !== "model.budget-exhausted"
  );
}

/** One question to a language model. */
export const llmCall = defineNode({
  type: "llm_call",
  title: "Ask a model",
  summary: "Asks a language model once, for text or for data of a given shape.",
  description:
    "`prompt` is what is asked, `system` who the model is, `messages` a conversation before it; all take " +
    "templates. `model` is `provider:model` (`anthropic`, `openai`, `google`, `groq`, " +
    "`openai-compatible`); without it the platform's own is asked, and `fallback_models` are asked when " +
    "it fails for good. With `output_schema` the answer is data: `steps.<id>.output.object`, checked " +
    "against the schema; one that does not fit goes back to the model with the reason, `repairs` times. " +
    "Rate limits and overload are retried as the node's `retry` says. Output: `text`, `object`, `model`, " +
    "`finish`, `usage`; the trace has tokens and cost of every call, and no call is paid for twice after " +
    "a restart. For several turns with tools take `agent_loop`.",
  config,
  output,
  outputOf({ output_schema: object }) {
    if (object === undefined) return undefined;
    const { properties, required, ...rest } = z.toJSONSchema(output);
    return {
      ...rest,
      properties: { ...properties, object },
      required: [...(required ?? []), "object"],
    };
  },
  verbatim: ["output_schema"],
  ports: () => ["next"],
  // Asking again costs, but changes nothing.
  effect: () => "idempotent",
  timeoutMs: () => 600_000,
  examples: [
    {
      title: "Classify a ticket",
      config: {
        system: "You sort support tickets.",
        prompt: "Ticket: {{ input.text }}",
        output_schema: {
          type: "object",
          properties: { severity: { type: "string", enum: ["low", "high"] } },
          required: ["severity"],
          additionalProperties: false,
        },
        fallback_models: [],
        repairs: 1,
        stream: false,
      },
      input: { text: "The shop is down" },
      stubs: [{ match: "step", body: { severity: "high" } }],
      expect: { port: "next", output: { object: { severity: "high" }, finish: "stop" } },
    },
    {
      title: "Sum up, streamed, with a second model in reserve",
      config: {
        model: "anthropic:claude-haiku-4-5",
        fallback_models: ["openai:gpt-5-mini"],
        prompt: "Sum up in one sentence: {{ input.text }}",
        repairs: 0,
        stream: true,
      },
      input: { text: "A long story." },
      stubs: [
        { match: "anthropic:claude-haiku-4-5", status: 503 },
        { match: "openai:gpt-5-mini", body: "A story." },
      ],
      expect: { port: "next", output: { text: "A story.", model: "openai:gpt-5-mini" } },
    },
  ],
  async run(context, wanted) {
    const models = [wanted.model, ...wanted.fallback_models];
    for (const [index, model] of models.entries()) {
      try {
        const answer = await ask(context, wanted, { model, name: `call_${index + 1}` });
        const { text, object, finish } = answer;
        const { calls, tokens, costUsd } = context.model.spent();
        return {
          output: {
            text,
            ...(object === undefined ? {} : { object }),
            model: answer.usage.model,
            finish,
            usage: { calls, tokens, cost_usd: costUsd },
          },
        };
      } catch (error) {
        if (index === models.length - 1 || !isOfModel(error)) throw error;
        context.log(`${model ?? "The model"} failed: ${(error as AerostackError).message}`);
      }
    }
    throw new BugError("llm-call.no-model", "No model was asked.");
  },
});
