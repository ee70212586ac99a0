import {
  APICallError,
  generateText,
  jsonSchema,
  type ModelMessage as SdkMessage,
  NoObjectGeneratedError,
  Output,
  streamText,
  tool,
} from "ai";
import { AerostackError, ConfigurationError, UpstreamError } from "#blueprints/error";
import type { ModelAnswer, ModelCall, ModelMessage, ModelUsage } from "#blueprints/model";
import { Meter } from "./meter.ts";
import type { ModelEnv } from "./provider.ts";
import { modelIdOf, resolveModel } from "./resolve.ts";

/** What varies around one call. */
export interface ModelHooks {
  readonly signal: AbortSignal;
  /** Present: the answer is streamed, and told piece by piece. */
  readonly onText?: (delta: string) => void;
  /** Told once, as soon as the usage is known, also when the answer breaks off or is of no use. */
  readonly onUsage: (usage: ModelUsage) => void;
}

/** One call over the providers of `edge/models`, without retries: the engine does these. */
export async function callModel(
  env: ModelEnv,
  call: ModelCall,
  hooks: ModelHooks,
): Promise<ModelAnswer> {
  const model = resolveModel(env, call.model);
  if (!model) {
    throw new ConfigurationError("model.none", "No language model is configured.", {
      fix: "Name one as provider:model, or set AEROSTACK_MODEL.",
    });
  }
  const id = modelIdOf(env, call.model);
  const meter = new Meter(id, call, hooks.onUsage);
  // At once: who gives a call up does not wait for how it ends.
  const giveUp = () => void meter.stop();
  hooks.signal.addEventListener("abort", giveUp);
  const request = { model, maxRetries: 0, abortSignal: hooks.signal, ...toRequest(call) };
  try {
    const result = hooks.onText
      ? await streamed(request, hooks.onText, meter)
      : await generateText(request);
    const [text, toolCalls, usage] = [
      await result.text,
      await result.toolCalls,
      await result.usage,
    ];
    if (!hooks.onText) meter.hear(`${text}${JSON.stringify(toolCalls)}`);
    return await toAnswer(result, { call, usage: meter.stop(usage) });
  } catch (error) {
    if (NoObjectGeneratedError.isInstance(error)) meter.stop(error.usage);
    else if (meter.isBegun || isTorn(error)) meter.stop();
    throw toError(id, error);
  } finally {
    hooks.signal.removeEventListener("abort", giveUp);
  }
}

type Request = Parameters<typeof generateText>[0];

function toRequest(
  call: ModelCall,
): Omit<Request, "model" | "prompt"> & { messages: SdkMessage[] } {
  const { system, temperature, maxTokens, tools = [], output } = call;
  return {
    messages: call.messages.map(toSdkMessage),
    ...(system === undefined ? {} : { instructions: system }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxTokens === undefined ? {} : { maxOutputTokens: maxTokens }),
    ...(output === undefined ? {} : toOutput(output)),
    ...(tools.length === 0
      ? {}
      : {
          tools: Object.fromEntries(
            tools.map(({ name, description, input }) => [
              name,
              tool({ description, inputSchema: jsonSchema(input) }),
            ]),
          ),
        }),
  };
}

/** OpenAI refuses a schema that is not strict when it is asked to hold to it strictly. */
function toOutput(schema: Readonly<Record<string, unknown>>) {
  const strictJsonSchema = isStrict(schema);
  return {
    output: Output.object({ schema: jsonSchema(schema) }),
    providerOptions: {
      openai: { strictJsonSchema },
      openaiCompatible: { strictJsonSchema },
      groq: { strictJsonSchema },
    },
  };
}

/** Every object names all its fields as required and allows no other. */
function isStrict(schema: unknown): boolean {
  if (typeof schema !== "object" || schema === null) return true;
  const { properties, required, additionalProperties } = schema as Record<string, unknown>;
  if (typeof properties === "object" && properties !== null) {
    const names = Array.isArray(required) ? required : [];
    if (additionalProperties !== false || names.length < Object.keys(properties).length)
      return false;
  }
  return Object.values(schema).every(isStrict);
}

function toSdkMessage(message: ModelMessage): SdkMessage {
  switch (message.role) {
    case "user":
      return { role: "user", content: message.text };
    case "assistant":
      return {
        role: "assistant",
        content: [
          ...(message.text === "" ? [] : [{ type: "text" as const, text: message.text }]),
          ...(message.toolCalls ?? []).map(({ id, name, input }) => ({
            type: "tool-call" as const,
            toolCallId: id,
            toolName: name,
            input,
          })),
        ],
      };
    case "tool":
      return {
        role: "tool",
        content: message.results.map(({ id, name, output, failed }) => {
          const text = typeof output === "string" ? output : JSON.stringify(output);
          return {
            type: "tool-result" as const,
            toolCallId: id,
            toolName: name,
            output: { type: failed ? ("error-text" as const) : ("text" as const), value: text },
          };
        }),
      };
    default:
      return message satisfies never;
  }
}

async function streamed(request: Request, onText: (delta: string) => void, meter: Meter) {
  let failure: unknown;
  const onError = ({ error }: { error: unknown }) => void (failure = error);
  const result = streamText({ ...request, include: { rawChunks: true }, onError });
  for await (const part of result.fullStream) {
    if (part.type !== "start" && part.type !== "error") meter.begin();
    if (part.type === "raw") meter.receive(part.rawValue);
    if (part.type === "reasoning-delta") meter.hear(part.text);
    if (part.type === "tool-input-delta") meter.hear(part.delta);
    if (part.type !== "text-delta") continue;
    meter.hear(part.text);
    onText(part.text);
  }
  if (failure !== undefined) throw failure;
  const [reason, raw] = [await result.finishReason, await result.rawFinishReason];
  // Closed without a word of how it ended: what came is no answer.
  if (reason === "interrupted" || (reason === "other" && raw === undefined)) {
    throw new UpstreamError("model.failed", "The model's stream ended before its answer did.", {
      fix: "Try again, or take another model.",
      retryAfterMs: 0,
    });
  }
  return result;
}

interface Raw {
  readonly text: PromiseLike<string> | string;
  readonly finishReason: PromiseLike<string> | string;
  readonly toolCalls: PromiseLike<readonly RawCall[]> | readonly RawCall[];
  readonly output: unknown;
}
interface RawCall {
  readonly toolCallId: string;
  readonly toolName: string;
  readonly input: unknown;
}

async function toAnswer(
  raw: Raw,
  { call, usage }: { call: ModelCall; usage: ModelUsage },
): Promise<ModelAnswer> {
  const toolCalls = (await raw.toolCalls).map(({ toolCallId, toolName, input }) => ({
    id: toolCallId,
    name: toolName,
    input,
  }));
  const wantsObject = call.output !== undefined && toolCalls.length === 0;
  return {
    text: await raw.text,
    ...(wantsObject ? { object: await raw.output } : {}),
    toolCalls,
    finish: toFinish(await raw.finishReason),
    usage,
  };
}

const finishes = ["stop", "length", "tool-calls", "content-filter", "error"] as const;

function toFinish(reason: string): ModelAnswer["finish"] {
  return finishes.find((known) => known === reason) ?? "other";
}

/** It began as a good answer and cannot be read to its end: the connection was lost on the way. */
function isTorn(error: unknown): boolean {
  if (!APICallError.isInstance(error)) return false;
  const { statusCode = 0 } = error;
  return statusCode >= 200 && statusCode < 300;
}

/** Rate limits, overload and lost connections may pass; everything else is final. */
function toError(id: string, error: unknown): AerostackError {
  if (error instanceof AerostackError) return error;
  if (NoObjectGeneratedError.isInstance(error)) {
    return new UpstreamError(
      "model.output-invalid",
      `"${id}" gave an answer that does not fit the schema: ${(error.text ?? "").slice(0, 300)}`,
      {
        fix: "Describe the fields better, or take a model that keeps to a schema.",
        cause: error,
        details: { text: error.text ?? "", problem: "It is not JSON." },
      },
    );
  }
  if (APICallError.isInstance(error) && !isTorn(error)) {
    const retryAfter = Number(error.responseHeaders?.["retry-after"]);
    return new UpstreamError(
      error.statusCode === 429 ? "model.rate-limited" : "model.failed",
      `"${id}" answered ${error.statusCode ?? "nothing"}: ${error.message.slice(0, 300)}`,
      {
        fix: "Check the key and the name of the model, or try another one.",
        cause: error,
        ...(error.isRetryable
          ? { retryAfterMs: Number.isFinite(retryAfter) ? retryAfter * 1000 : 0 }
          : {}),
      },
    );
  }
  const message = error instanceof Error ? error.message : String(error);
  return new UpstreamError("model.failed", `"${id}" broke off: ${message.slice(0, 300)}`, {
    fix: "Try again, or take another model.",
    cause: error,
    retryAfterMs: 0,
  });
}
