import { UpstreamError } from "#blueprints/error";
import { abortSignalOf, type Cancellation } from "#edge/cancel";
import type { Exchange, Received } from "./exchange.ts";
import { readEvents } from "./event-stream.ts";
import { faultOf, malformed, unreachable } from "./faults.ts";
import { InFlight } from "./in-flight.ts";
import { isRecord, type RpcAnswer, type RpcRequest, type RpcResult } from "./json-rpc.ts";
import { answerTo, parseMessage } from "./messages.ts";
import { answerBytesOf, type Target } from "./target.ts";

/** Milliseconds without a call after which the stream is closed. */
const idleMs = 60_000;

interface Waiting {
  resolve(answer: RpcAnswer): void;
  reject(error: UpstreamError): void;
}

/**
 * One session of the HTTP+SSE transport: requests are posted to the address that the stream names
 * first, their answers come over the stream. A call in flight when it breaks is not sent again.
 * https://modelcontextprotocol.io/specification/2024-11-05/basic/transports#http-with-sse
 */
export class SseChannel {
  readonly #target: Target;
  readonly #abort = new AbortController();
  readonly #waiting = new Map<string | number, Waiting>();
  readonly #inFlight = new InFlight();
  readonly #endpoint = Promise.withResolvers<string>();
  #idle: ReturnType<typeof setTimeout> | undefined;

  private constructor(target: Target) {
    this.#target = target;
    this.#endpoint.promise.catch(() => undefined);
  }

  /** Undefined with the status where the address offers no such stream. Throws `mcp.*`. */
  static async open(
    target: Target,
    signal: Cancellation,
  ): Promise<{ channel: SseChannel } | { status: number }> {
    const channel = new SseChannel(target);
    const giveUp = () => channel.close(signal.reason);
    signal.addEventListener("abort", giveUp);
    try {
      const headers = { accept: "text/event-stream" };
      const response = await target.send({ method: "GET", headers, signal: channel.#abort.signal });
      const type = response.headers.get("content-type") ?? "";
      if (!response.ok || !type.includes("text/event-stream")) {
        await response.body?.cancel();
        return { status: response.status };
      }
      void channel.#listen(response);
      await channel.#endpoint.promise;
      channel.#rest();
      return { channel };
    } catch (error) {
      channel.close();
      throw error instanceof UpstreamError ? error : faultOf(error, signal);
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  get isOpen(): boolean {
    return !this.#abort.signal.aborted;
  }

  close(reason?: unknown): void {
    clearTimeout(this.#idle);
    if (this.isOpen) this.#abort.abort(reason);
    this.#fail(unreachable(reason));
  }

  /** One request and its answer; `refused`: the server did not take it, nothing was executed. */
  async exchange(request: RpcRequest & { id: number }, options: Exchange): Promise<Received> {
    const { promise, resolve, reject } = Promise.withResolvers<RpcAnswer>();
    const { signal } = options;
    const giveUp = () => {
      reject(faultOf(signal.reason, signal));
      void this.tell({
        jsonrpc: "2.0",
        method: "notifications/cancelled",
        params: { requestId: request.id },
      });
    };
    signal.addEventListener("abort", giveUp);
    clearTimeout(this.#idle);
    this.#waiting.set(request.id, { resolve, reject });
    const token = progressTokenOf(request.params);
    // Callers choose their tokens themselves; over one stream they must differ.
    const own = token === undefined ? undefined : `p${request.id}`;
    this.#inFlight.add(request.id, { listener: withToken(options, token), progressToken: own });
    try {
      if (!this.isOpen) throw unreachable(undefined);
      const answered = promise.then((answer): Received => ({
        kind: "answer",
        answer,
        status: 200,
      }));
      const posted = this.#post(withProgressToken(request, own), options.headers, signal);
      const refused = posted.then((status): Received | Promise<Received> =>
        status < 400 ? answered : { kind: "refused", status },
      );
      return await Promise.race([answered, refused]);
    } catch (error) {
      throw error instanceof UpstreamError ? error : faultOf(error, signal);
    } finally {
      signal.removeEventListener("abort", giveUp);
      this.#waiting.delete(request.id);
      this.#inFlight.remove(request.id);
      this.#rest();
    }
  }

  /** A notification, or an answer of ours; that it gets there is not waited for. */
  async tell(message: unknown): Promise<void> {
    const headers = { "content-type": "application/json" };
    await this.#post(message, headers, this.#abort.signal).catch(() => undefined);
  }

  async #post(
    message: unknown,
    headers: Record<string, string>,
    signal: Cancellation,
  ): Promise<number> {
    const url = await this.#endpoint.promise;
    // Some servers never answer the post of a session that they forgot: it ends with the stream.
    const both = AbortSignal.any([abortSignalOf(signal), this.#abort.signal]);
    const body = JSON.stringify(message);
    const response = await this.#target.send({ url, headers, body, signal: both });
    await response.body?.cancel();
    return response.status;
  }

  async #listen(response: Response): Promise<void> {
    const limits = { bytes: answerBytesOf(this.#target), per: "event" as const };
    try {
      await readEvents(response, limits, ({ name, data }) => {
        if (name === "endpoint") this.#endpoint.resolve(this.#toEndpoint(data));
        else this.#take(parseMessage(data));
        return this.isOpen;
      });
      this.#fail(unreachable(undefined));
    } catch (error) {
      this.#fail(error instanceof UpstreamError ? error : unreachable(error));
    }
    this.close();
  }

  #take(message: unknown): void {
    const id = isRecord(message) && message["method"] === undefined ? message["id"] : undefined;
    if (typeof id !== "string" && typeof id !== "number") return this.#inFlight.hear(message);
    const answer = answerTo(message, id);
    if (answer) this.#waiting.get(id)?.resolve(answer);
  }

  /** The credential goes where the stream came from, and nowhere else. */
  #toEndpoint(said: string): string {
    const url = URL.parse(said, this.#target.url);
    if (url && url.origin === new URL(this.#target.url).origin) return url.href;
    throw malformed("an endpoint at another address");
  }

  #fail(error: UpstreamError): void {
    this.#endpoint.reject(error);
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }

  /** An open stream keeps the object of the workspace alive: not for longer than it is used. */
  #rest(): void {
    clearTimeout(this.#idle);
    if (this.#waiting.size === 0 && this.isOpen)
      this.#idle = setTimeout(() => this.close(), idleMs);
  }
}

function progressTokenOf(params: RpcResult | undefined): unknown {
  return isRecord(params?.["_meta"]) ? params["_meta"]["progressToken"] : undefined;
}

function withProgressToken(request: RpcRequest, own: string | undefined): RpcRequest {
  if (own === undefined || !isRecord(request.params?.["_meta"])) return request;
  const meta = { ...request.params["_meta"], progressToken: own };
  return { ...request, params: { ...request.params, _meta: meta } };
}

/** What is heard under our token, under the token of the caller. */
function withToken(options: Exchange, token: unknown): Exchange {
  const { onNotification } = options;
  if (!onNotification || token === undefined) return options;
  return {
    ...options,
    onNotification: (heard) =>
      onNotification(
        heard.params?.["progressToken"] === undefined
          ? heard
          : { ...heard, params: { ...heard.params, progressToken: token } },
      ),
  };
}
