import { type SerializedError, deserializeError, serializeError } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { timeLimit } from "#edge/isolates/failures";
import {
  type CompiledCode,
  defaultLimits,
  type FunctionCall,
  type FunctionOutcome,
  type FunctionResult,
  type IsolateGrant,
} from "#edge/isolates/isolate";
import { createOrder } from "#edge/isolates/order";
import { placeOf } from "#edge/isolates/place";
import type { InsideAnswer } from "#edge/isolates/loader";

/**
 * Runs a function in an isolate.
 * @throws AerostackError `code.failed` (the author's message and lines), `code.time-limit`,
 * `code.memory-limit`, `code.output-too-large`, `code.no-function`, `code.syntax`,
 * `code.interrupted` (retryable), `egress.*`
 */
export async function runFunction(env: Env, call: FunctionCall): Promise<FunctionResult> {
  const outcome = await tryFunction(env, call);
  if (outcome.ok) return outcome;
  throw deserializeError(outcome.error);
}

/** The same, with what was logged and fetched on the way to a failure. */
export async function tryFunction(env: Env, call: FunctionCall): Promise<FunctionOutcome> {
  const started = Date.now();
  const limits = { ...defaultLimits, ...call.limits };
  try {
    const order = await createOrder(env, { ...call, limits, now: started });
    const repeatable =
      call.repeatable ?? call.grant.egress.length + call.grant.secrets.length === 0;
    const answer = await withinTime(limits.wallMs, (signal) =>
      placeOf(env).call({ order, code: call.code, input: call.input, repeatable, signal }),
    );
    return toOutcome(answer, Date.now() - started);
  } catch (error) {
    const record = { logs: [], outsideCalls: [], durationMs: Date.now() - started };
    return { ok: false, error: serializeError(error), ...record };
  }
}

function toOutcome(answer: InsideAnswer, durationMs: number): FunctionOutcome {
  const { logs, outsideCalls } = answer;
  const record = { logs, outsideCalls, durationMs };
  if (answer.ok) return { ok: true, output: JSON.parse(answer.json) as unknown, ...record };
  const error: SerializedError = { kind: "input", status: 422, ...answer.error };
  return { ok: false, error, ...record };
}

/** A hosted MCP server's answer to one HTTP request. Throws as `runFunction` does. */
export async function hostedFetch(
  env: Env,
  { code, grant }: { code: CompiledCode; grant: IsolateGrant },
  request: Request,
): Promise<Response> {
  const order = await createOrder(env, { code, grant, limits: hostedLimits, now: Date.now() });
  const response = await withinTime(hostedLimits.wallMs, (over) => {
    const signal = AbortSignal.any([over, request.signal]);
    return placeOf(env).fetch({ order, code, request, signal });
  });
  if (response.headers.get("aerostack-isolate") !== "failed") return response;
  const { error } = await response.json<{ error: { code: string; message: string } }>();
  throw deserializeError({ kind: "input", status: 422, ...error });
}

const hostedLimits = { ...defaultLimits, wallMs: 30_000 };

/** The platform's own clock: an isolate that waits for ever costs its caller this long, no more. */
async function withinTime<T>(
  wallMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(timeLimit(wallMs));
      controller.abort();
    }, wallMs);
  });
  try {
    return await Promise.race([work(controller.signal), over]);
  } finally {
    clearTimeout(timer);
  }
}
