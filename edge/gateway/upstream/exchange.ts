import { AerostackError } from "#blueprints/error";
import { abortSignalOf, type Cancellation } from "#edge/cancel";
import { readChunks, readEvents, tooLarge } from "./event-stream.ts";
import { faultOf, malformed } from "./faults.ts";
import type { RpcAnswer, RpcRequest } from "./json-rpc.ts";
import { answerTo, hear, type Listener, parseMessage } from "./messages.ts";
import { answerBytesOf, type Target } from "./target.ts";

export interface Exchange extends Listener {
  readonly headers: Record<string, string>;
  readonly signal: Cancellation;
  /** A stream that ends before the answer is resumed: the initialize era knows that. */
  readonly isResumable?: boolean;
}

/** What came back: an answer, or an HTTP status that is none. */
export type Received =
  | {
      readonly kind: "answer";
      readonly answer: RpcAnswer;
      readonly status: number;
      sessionId?: string;
    }
  | { readonly kind: "refused"; readonly status: number };

/** Sends one request and reads its answer, JSON or SSE. Throws UpstreamError `mcp.*`. */
export async function exchange(
  target: Target,
  request: RpcRequest,
  options: Exchange,
): Promise<Received> {
  try {
    const { headers } = options;
    const signal = abortSignalOf(options.signal);
    const response = await target.send({ headers, body: JSON.stringify(request), signal });
    const { status } = response;
    const answer = await readAnswer(response, request.id, options, target);
    if (answer) {
      const sessionId = response.headers.get("mcp-session-id");
      return { kind: "answer", answer, status, ...(sessionId ? { sessionId } : {}) };
    }
    if (response.ok) throw malformed("no answer to the request");
    return { kind: "refused", status };
  } catch (error) {
    throw error instanceof AerostackError ? error : faultOf(error, options.signal);
  }
}

/** Undefined: the response carries no JSON-RPC answer to `id`. */
async function readAnswer(
  response: Response,
  id: string | number,
  options: Exchange,
  target: Target,
): Promise<RpcAnswer | undefined> {
  const type = response.headers.get("content-type") ?? "";
  if (type.includes("text/event-stream")) return readStream(response, id, options, target);
  if (!type.includes("json")) {
    await response.body?.cancel();
    return undefined;
  }
  const message = parseMessage(await readBounded(response, answerBytesOf(target)));
  if (message === undefined) throw malformed("an answer that is not JSON, or nests too deep");
  // Errors about the request as a whole come with a null id.
  return answerTo(message, id) ?? (response.ok ? undefined : answerTo(message, null));
}

async function readBounded(response: Response, limit: number): Promise<string> {
  const { headers } = response;
  const declared = Number(headers.get("content-length") ?? Number.NaN);
  // What is declared of a compressed body says nothing about the size that it unfolds to.
  if (declared <= limit && !headers.has("content-encoding")) return response.text();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  await readChunks(response, (chunk) => {
    bytes += chunk.byteLength;
    if (bytes > limit) throw tooLarge(limit);
    text += decoder.decode(chunk, { stream: true });
    return true;
  });
  return text;
}

/** Milliseconds that a server may have us wait before the rest of its stream. */
const maximumRetryMs = 10_000;

interface Position {
  lastEventId: string;
  retryMs: number;
}

/** Breaks of one stream; a server that ends it again and again without a word answers nothing. */
const maximumBreaks = 20;

/**
 * The answer out of a stream. In the initialize era a server may end the stream before, having given
 * an event an id: the rest is fetched from there, when the server wants it.
 * https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#resumability-and-redelivery
 */
async function readStream(
  response: Response,
  id: string | number,
  options: Exchange,
  target: Target,
): Promise<RpcAnswer | undefined> {
  const at: Position = { lastEventId: "", retryMs: 1000 };
  let answer = await readAnswerFrom(response, id, options, { at, limit: answerBytesOf(target) });
  for (let breaks = 0; !answer && options.isResumable && breaks < maximumBreaks; breaks++) {
    if (at.lastEventId === "") return undefined;
    const signal = abortSignalOf(options.signal);
    await scheduler.wait(Math.min(at.retryMs, maximumRetryMs), { signal });
    const headers = {
      ...options.headers,
      accept: "text/event-stream",
      "last-event-id": at.lastEventId,
    };
    const again = await target.send({ method: "GET", headers, signal });
    if (!again.ok) {
      await again.body?.cancel();
      return undefined;
    }
    answer = await readAnswerFrom(again, id, options, { at, limit: answerBytesOf(target) });
  }
  return answer;
}

async function readAnswerFrom(
  response: Response,
  id: string | number,
  listener: Listener,
  { at, limit }: { readonly at: Position; readonly limit: number },
): Promise<RpcAnswer | undefined> {
  let answer: RpcAnswer | undefined;
  const onRetry = (retryMs: number) => {
    at.retryMs = retryMs;
  };
  await readEvents(response, { bytes: limit, per: "stream", onRetry }, (event) => {
    if (event.id !== "") at.lastEventId = event.id;
    const message = parseMessage(event.data);
    answer = answerTo(message, id);
    if (!answer) hear(message, listener);
    return answer === undefined;
  });
  return answer;
}
