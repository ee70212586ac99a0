import { AerostackError } from "#blueprints/error";
import { readChunks, readEvents, tooLarge } from "./event-stream.ts";
import { faultOf, malformed } from "./faults.ts";
import type { RpcAnswer, RpcRequest } from "./json-rpc.ts";
import { answerTo, hear, type Listener, parseMessage } from "./messages.ts";
import { answerBytesOf, type Target } from "./target.ts";

export interface Exchange extends Listener {
  readonly headers: Record<string, string>;
  readonly signal: AbortSignal;
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
    const { headers, signal } = options;
    const response = await target.send({ headers, body: JSON.stringify(request), signal });
    const { status } = response;
    const answer = await readAnswer(response, request.id, options, answerBytesOf(target));
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
  listener: Listener,
  limit: number,
): Promise<RpcAnswer | undefined> {
  const type = response.headers.get("content-type") ?? "";
  if (type.includes("text/event-stream")) return readStream(response, id, listener, limit);
  if (!type.includes("json")) {
    await response.body?.cancel();
    return undefined;
  }
  const message = parseMessage(await readBounded(response, limit));
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

async function readStream(
  response: Response,
  id: string | number,
  listener: Listener,
  limit: number,
): Promise<RpcAnswer | undefined> {
  let answer: RpcAnswer | undefined;
  await readEvents(response, { bytes: limit, per: "stream" }, ({ data }) => {
    const message = parseMessage(data);
    answer = answerTo(message, id);
    if (!answer) hear(message, listener);
    return answer === undefined;
  });
  return answer;
}
