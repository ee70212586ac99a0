import { UpstreamError } from "#blueprints/error";
import type { Cancellation } from "#edge/cancel";
import { listTimeoutMs } from "#edge/gateway/limits";
import {
  clientInfo,
  type Era,
  eraHeaders,
  isOtherTransport,
  isStale,
  withEnvelope,
} from "./era.ts";
import { exchange, type Received } from "./exchange.ts";
import { faultOf, refuseStatus, statusFault } from "./faults.ts";
import { InFlight } from "./in-flight.ts";
import {
  isRecord,
  legacyVersions,
  modernVersion,
  unsupportedVersion,
  type RpcAnswer,
  type RpcNotification,
  type RpcRequest,
  type RpcResult,
} from "./json-rpc.ts";
import { SideStream } from "./side-stream.ts";
import { SseChannel } from "./sse-channel.ts";
import type { Target } from "./target.ts";

export interface UpstreamRequest {
  readonly method: string;
  /** Without the keys of the modern envelope; `_meta` may hold a progress token and trace context. */
  readonly params: RpcResult;
  /** Capabilities of the client that asks; passed on where the upstream is modern. */
  readonly clientCapabilities?: unknown;
  /** `Mcp-Param-*` headers of the client. */
  readonly headers?: Record<string, string>;
  readonly signal: Cancellation;
  readonly onNotification?: (notification: RpcNotification) => void;
  /** Answers what the upstream asks in the middle of the call; absent: it is declined. */
  readonly onQuestion?: (question: RpcRequest) => Promise<RpcResult>;
}

interface Memory {
  readonly era: Era | undefined;
  remember(era: Era): void;
  /** The upstream is known to be of the initialize era: it is not asked for another. */
  readonly isInitialized?: boolean;
  /** What our client can answer, as `initialize` declares it; nothing where it is left out. */
  readonly capabilities?: RpcResult;
}

interface StreamSession {
  readonly channel: SseChannel;
  readonly era: Era;
}

const initialized = { jsonrpc: "2.0", method: "notifications/initialized" };
/** Milliseconds for what is said on the side: answers, cancellations, the end of a session. */
const sideMs = 10_000;

/**
 * Speaks MCP to one upstream in the era that it understands: one request a call once the era is
 * known. A session that the upstream forgot is opened again.
 */
export class Connection {
  readonly #target: Target;
  readonly #memory: Memory;
  readonly #inFlight = new InFlight();
  #era: Era | undefined;
  #negotiating: Promise<Era> | undefined;
  #stream: StreamSession | undefined;
  #opening: Promise<StreamSession | { status: number }> | undefined;
  #side: SideStream | undefined;
  #nextId = 1;

  constructor(target: Target, memory: Memory) {
    this.#target = target;
    this.#memory = memory;
    this.#era = memory.era;
  }

  get capabilities(): RpcResult | undefined {
    return this.#era?.capabilities;
  }

  /** Whether the upstream keeps something about whom it talks to. Undefined: not known yet. */
  get isSessionBound(): boolean | undefined {
    const era = this.#era;
    return era && (era.kind === "sse" || (era.kind === "legacy" && era.sessionId !== undefined));
  }

  /** Finds out how the upstream wants to be spoken to, where that is not known. */
  async ready(signal: Cancellation): Promise<void> {
    if (!this.#era) await this.#negotiate(signal);
  }

  /** The upstream's answer, its errors included; throws UpstreamError where none came. */
  async request(request: UpstreamRequest): Promise<RpcAnswer> {
    const era = this.#era ?? (await this.#negotiate(request.signal));
    const first = await this.#send(era, request);
    if (!isStale(era, first)) return toAnswer(first);
    if (this.#era === era) this.#forget();
    const again = this.#era ?? (await this.#negotiate(request.signal));
    return toAnswer(await this.#send(again, request));
  }

  /** Ends the session; the upstream is told where its era knows how. */
  close(): void {
    const era = this.#era;
    this.#forget();
    if (era?.kind !== "legacy" || era.sessionId === undefined) return;
    const headers = eraHeaders(era, "", {});
    const signal = AbortSignal.timeout(sideMs);
    void this.#target
      .send({ method: "DELETE", headers, signal })
      .then((response) => response.body?.cancel())
      .catch(() => undefined);
  }

  #forget(): void {
    this.#era = undefined;
    this.#stream?.channel.close();
    this.#stream = undefined;
    this.#side?.close();
    this.#side = undefined;
  }

  async #send(era: Era, request: UpstreamRequest): Promise<Received> {
    const id = this.#nextId++;
    const { method, signal, onQuestion } = request;
    const params =
      era.kind === "modern"
        ? withEnvelope(request.params, request.clientCapabilities)
        : request.params;
    const message = { jsonrpc: "2.0" as const, id, method, params };
    const listener = {
      ...(request.onNotification ? { onNotification: request.onNotification } : {}),
      onRequest: (asked: RpcRequest) => void this.#reply(era, asked, onQuestion),
    };
    const headers = { ...request.headers, ...eraHeaders(era, method, params) };
    if (era.kind === "sse") {
      const streamed = await this.#openChannel(signal);
      if ("status" in streamed) return { kind: "refused", status: streamed.status };
      return streamed.channel.exchange(message, { headers, signal, ...listener });
    }
    if (era.kind === "modern")
      return exchange(this.#target, message, { headers, signal, ...listener });
    return this.#inSession(era, message, { headers, signal, ...listener });
  }

  /** The initialize era: cancelling is a message, and questions may come beside the answer. */
  async #inSession(
    era: Era,
    message: RpcRequest & { id: number },
    options: Parameters<typeof exchange>[2],
  ): Promise<Received> {
    const { id, params } = message;
    const { signal } = options;
    const side = this.#sideStream(era);
    if (side) await side.ready();
    const meta = isRecord(params?.["_meta"]) ? params["_meta"] : {};
    this.#inFlight.add(id, { listener: options, progressToken: meta["progressToken"] });
    const cancel = () => {
      const cancelled = { method: "notifications/cancelled", params: { requestId: id } };
      void this.#tell(era, { jsonrpc: "2.0", ...cancelled });
    };
    signal.addEventListener("abort", cancel);
    try {
      return await exchange(this.#target, message, { ...options, isResumable: true });
    } finally {
      signal.removeEventListener("abort", cancel);
      this.#inFlight.remove(id);
      side?.rest();
    }
  }

  #sideStream(era: Era): SideStream | undefined {
    const { capabilities = {} } = this.#memory;
    if (!this.isSessionBound || Object.keys(capabilities).length === 0) return undefined;
    this.#side ??= new SideStream(this.#target, eraHeaders(era, "", {}), this.#inFlight);
    return this.#side;
  }

  /** Answers what the upstream asks: by who called, where they can; otherwise it is declined. */
  async #reply(
    era: Era,
    { id, method, params }: RpcRequest,
    onQuestion: UpstreamRequest["onQuestion"],
  ): Promise<void> {
    const declined = { error: { code: -32601, message: `The gateway does not answer ${method}.` } };
    let answer: RpcAnswer = method === "ping" ? { result: {} } : declined;
    if (method !== "ping" && onQuestion) {
      const question = { jsonrpc: "2.0" as const, id, method, ...(params ? { params } : {}) };
      answer = await onQuestion(question).then(
        (result) => ({ result }),
        (error: unknown) => ({
          error: { code: -32603, message: error instanceof Error ? error.message : "No answer." },
        }),
      );
    }
    await this.#tell(era, { jsonrpc: "2.0", id, ...answer });
  }

  /** What needs no answer, and no success. */
  async #tell(era: Era, message: unknown): Promise<void> {
    if (this.#stream) return this.#stream.channel.tell(message);
    const body = JSON.stringify(message);
    const signal = AbortSignal.timeout(sideMs);
    const sent = this.#target.send({ headers: eraHeaders(era, "", {}), body, signal });
    await sent.then((response) => response.body?.cancel()).catch(() => undefined);
  }

  /** One negotiation for all who wait; that one of them goes away must not end it for the others. */
  #negotiate(signal: Cancellation): Promise<Era> {
    this.#negotiating ??= this.#findEra(AbortSignal.timeout(listTimeoutMs))
      .then((era) => {
        this.#era = era;
        this.#memory.remember(era);
        return era;
      })
      .finally(() => {
        this.#negotiating = undefined;
      });
    return unlessAborted(this.#negotiating, signal);
  }

  async #findEra(signal: AbortSignal): Promise<Era> {
    if (this.#memory.isInitialized) return this.#initialize(signal);
    const modern: Era = { kind: "modern", capabilities: {} };
    const discover = () => this.#send(modern, { method: "server/discover", params: {}, signal });
    let discovered = await discover();
    if (isOffered(discovered)) discovered = await discover();
    if (discovered.kind === "answer" && discovered.answer.result) {
      const { supportedVersions, capabilities } = discovered.answer.result;
      if (Array.isArray(supportedVersions) && supportedVersions.includes(modernVersion)) {
        return { kind: "modern", capabilities: isRecord(capabilities) ? capabilities : {} };
      }
    }
    if (discovered.kind === "refused") refuseStatus(discovered.status, false);
    return this.#initialize(signal);
  }

  async #initialize(signal: AbortSignal): Promise<Era> {
    const headers = eraHeaders(undefined, "initialize", {});
    const opened = await exchange(this.#target, this.#greeting(), { headers, signal });
    if (opened.kind === "refused" && isOtherTransport(opened.status)) {
      const streamed = await this.#openChannel(signal);
      if ("era" in streamed) return streamed.era;
    }
    const sessionId = opened.kind === "answer" ? opened.sessionId : undefined;
    const session = sessionId ? { sessionId } : {};
    const era: Era = { kind: "legacy", ...greeted(toAnswer(opened)), ...session };
    await this.#tell(era, initialized);
    return era;
  }

  /** The open stream of an HTTP+SSE server; `status`: the address offers none. */
  #openChannel(signal: Cancellation): Promise<StreamSession | { status: number }> {
    if (this.#stream?.channel.isOpen) return Promise.resolve(this.#stream);
    this.#opening ??= this.#greetOverStream(AbortSignal.timeout(listTimeoutMs)).finally(() => {
      this.#opening = undefined;
    });
    return unlessAborted(this.#opening, signal);
  }

  async #greetOverStream(signal: AbortSignal): Promise<StreamSession | { status: number }> {
    const opened = await SseChannel.open(this.#target, signal);
    if ("status" in opened) return opened;
    const { channel } = opened;
    try {
      const headers = eraHeaders(undefined, "initialize", {});
      const received = await channel.exchange(this.#greeting(), { headers, signal });
      const era: Era = { kind: "sse", ...greeted(toAnswer(received)) };
      await channel.tell(initialized);
      this.#stream = { channel, era };
      return this.#stream;
    } catch (error) {
      channel.close();
      throw error;
    }
  }

  #greeting(): RpcRequest & { id: number } {
    const { capabilities = {} } = this.#memory;
    const params = { protocolVersion: legacyVersions[0], capabilities, clientInfo };
    return { jsonrpc: "2.0", id: this.#nextId++, method: "initialize", params };
  }
}

/** Refused as a version that is not supported, by a server that names it among those that are. */
function isOffered(received: Received): boolean {
  const error = received.kind === "answer" ? received.answer.error : undefined;
  if (error?.code !== unsupportedVersion || !isRecord(error.data)) return false;
  const { supported } = error.data;
  return Array.isArray(supported) && supported.includes(modernVersion);
}

function greeted({ result, error }: RpcAnswer): {
  protocolVersion: string;
  capabilities: RpcResult;
} {
  if (error) {
    throw new UpstreamError("mcp.initialize", `The MCP server refused: ${error.message}`, {
      fix: "Check the URL and the credential of the link.",
    });
  }
  const { protocolVersion, capabilities } = result;
  return {
    protocolVersion: typeof protocolVersion === "string" ? protocolVersion : legacyVersions[0],
    capabilities: isRecord(capabilities) ? capabilities : {},
  };
}

function toAnswer(received: Received): RpcAnswer {
  if (received.kind === "answer") return received.answer;
  throw statusFault(received.status);
}

/** The same promise for somebody who may stop waiting. */
async function unlessAborted<T>(promise: Promise<T>, signal: Cancellation): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const giveUp = () => aborted.reject(faultOf(signal.reason, signal));
  signal.addEventListener("abort", giveUp);
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
