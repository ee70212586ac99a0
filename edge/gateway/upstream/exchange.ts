import { createParser } from "eventsource-parser";
import { AerostackError, UpstreamError } from "#blueprints/error";
import {
  isRecord,
  type RpcAnswer,
  type RpcNotification,
  type RpcRequest,
  rpcCodes,
  stringOf,
} from "./json-rpc.ts";
import type { Target } from "./target.ts";

const defaultAnswerBytes = 10_000_000;

export interface Exchange {
  readonly headers: Record<string, string>;
  readonly signal: AbortSignal;
  /** Progress and log messages that come before the answer. */
  readonly onNotification?: (notification: RpcNotification) => void;
  /** What the upstream asks its client meanwhile; only the initialize era does. */
  readonly onRequest?: (request: RpcRequest) => void;
}

type Bounded = Exchange & { readonly answerBytes: number };

/** What came back: an answer, or an HTTP status that is none. */
export type Received =
  | { readonly kind: "answer"; readonly answer: RpcAnswer; readonly response: Response }
  | { readonly kind: "refused"; readonly status: number; readonly response: Response };

/** Sends one request and reads its answer, JSON or SSE. Throws UpstreamError `mcp.*`. */
export async function exchange(
  target: Target,
  request: RpcRequest,
  options: Exchange,
): Promise<Received> {
  try {
    const response = await target.send({
      headers: options.headers,
      body: JSON.stringify(request),
      signal: options.signal,
    });
    const { answerBytes = defaultAnswerBytes } = target;
    const answer = await readAnswer(response, request.id, { ...options, answerBytes });
    if (answer) return { kind: "answer", answer, response };
    if (response.ok) throw malformed("no answer to the request");
    return { kind: "refused", status: response.status, response };
  } catch (error) {
    if (error instanceof AerostackError) throw error;
    throw options.signal.aborted && !isTimeout(options.signal.reason)
      ? cancelled()
      : unreachable(error);
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === "TimeoutError";
}

/** The caller went away: that says nothing about the server. */
function cancelled(): UpstreamError {
  return new UpstreamError("mcp.cancelled", "The call was cancelled.", { status: 499 });
}

/** Transport faults, in the same words whatever the runtime calls them. */
function unreachable(cause: unknown): UpstreamError {
  if (isTimeout(cause)) {
    return new UpstreamError("mcp.timeout", "The MCP server did not answer in time.", {
      status: 504,
      retryAfterMs: 1000,
      cause,
      fix: "Try again, or ask for less at once.",
    });
  }
  return new UpstreamError("mcp.unreachable", "The MCP server cannot be reached.", {
    retryAfterMs: 1000,
    cause,
    fix: "Check that it runs and that the URL of the link is right.",
  });
}

function malformed(what: string): UpstreamError {
  return new UpstreamError("mcp.malformed", `The MCP server sent ${what}.`, {
    fix: "Check that the URL of the link is an MCP endpoint (Streamable HTTP).",
  });
}

/** Undefined: the response carries no JSON-RPC answer to `id`. */
async function readAnswer(
  response: Response,
  id: string | number,
  options: Bounded,
): Promise<RpcAnswer | undefined> {
  const type = response.headers.get("content-type") ?? "";
  if (type.includes("text/event-stream")) return readStream(response, id, options);
  if (!type.includes("json")) {
    await response.body?.cancel();
    return undefined;
  }
  const text = await readBounded(response, options.answerBytes);
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    throw malformed("an answer that is not JSON");
  }
  // Errors about the request as a whole come with a null id.
  return toAnswer(message, id) ?? (response.ok ? undefined : toAnswer(message, null));
}

function toAnswer(message: unknown, id: string | number | null): RpcAnswer | undefined {
  if (!isRecord(message) || (message["id"] ?? null) !== id) return undefined;
  if (isRecord(message["result"])) return { result: message["result"] };
  const error = message["error"];
  if (!isRecord(error)) return undefined;
  const code = typeof error["code"] === "number" ? error["code"] : rpcCodes.internal;
  const data = error["data"] === undefined ? {} : { data: error["data"] };
  return { error: { code, message: stringOf(error["message"]) || "Unknown error", ...data } };
}

async function readBounded(response: Response, limit: number): Promise<string> {
  const { headers } = response;
  const declared = Number(headers.get("content-length") ?? Number.NaN);
  // What is declared of a compressed body says nothing about the size that it unfolds to.
  if (declared <= limit && !headers.has("content-encoding")) return response.text();
  let text = "";
  await readChunks(response, limit, (chunk) => {
    text += chunk;
    return true;
  });
  return text;
}

/** Until the body ends or `take` answers false; throws `mcp.too-large` beyond the limit. */
async function readChunks(
  response: Response,
  limit: number,
  take: (chunk: string) => boolean,
): Promise<void> {
  const reader = response.body?.getReader();
  if (!reader) return;
  const decoder = new TextDecoder();
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    bytes += value.byteLength;
    if (bytes > limit) {
      await reader.cancel().catch(() => undefined);
      throw new UpstreamError("mcp.too-large", `The MCP server's answer is over ${limit} bytes.`, {
        fix: "Ask for less at once, for example page by page.",
      });
    }
    if (!take(decoder.decode(value, { stream: true }))) {
      await reader.cancel().catch(() => undefined);
      return;
    }
  }
}

async function readStream(
  response: Response,
  id: string | number,
  options: Bounded,
): Promise<RpcAnswer | undefined> {
  let answer: RpcAnswer | undefined;
  const parser = createParser({
    onEvent(event) {
      if (answer || event.data === "") return;
      let message: unknown;
      try {
        message = JSON.parse(event.data);
      } catch {
        return;
      }
      answer = toAnswer(message, id);
      if (!answer) hear(message, options);
    },
  });
  await readChunks(response, options.answerBytes, (chunk) => {
    parser.feed(chunk);
    return answer === undefined;
  });
  return answer;
}

function hear(message: unknown, options: Exchange): void {
  if (!isRecord(message) || typeof message["method"] !== "string") return;
  const params = isRecord(message["params"]) ? { params: message["params"] } : {};
  const heard = { jsonrpc: "2.0" as const, method: message["method"], ...params };
  const id = message["id"];
  if (typeof id === "string" || typeof id === "number") options.onRequest?.({ ...heard, id });
  else options.onNotification?.(heard);
}
