import { UpstreamError } from "#blueprints/error";
import { exchange, type Received } from "./exchange.ts";
import {
  isRecord,
  legacyVersions,
  metaKeys,
  modernVersion,
  type RpcAnswer,
  type RpcNotification,
  type RpcResult,
} from "./json-rpc.ts";
import type { Target } from "./target.ts";

/** How an upstream wants to be spoken to. `modern`: stateless, 2026-07-28; `legacy`: initialized. */
export type Era =
  | { readonly kind: "modern"; readonly capabilities: RpcResult }
  | {
      readonly kind: "legacy";
      readonly protocolVersion: string;
      readonly sessionId?: string;
      readonly capabilities: RpcResult;
    };

export interface UpstreamRequest {
  readonly method: string;
  /** Without the keys of the modern envelope; `_meta` may hold a progress token and trace context. */
  readonly params: RpcResult;
  /** Capabilities of the client that asks; passed on where the upstream is modern. */
  readonly clientCapabilities?: unknown;
  /** `Mcp-Param-*` headers of the client. */
  readonly headers?: Record<string, string>;
  readonly signal: AbortSignal;
  readonly onNotification?: (notification: RpcNotification) => void;
}

const clientInfo = { name: "aerostack-gateway", version: "0.1.0" };
/** Answers by which a modern upstream says that it is not one (any more). */
const versionCodes = new Set([-32022, -32000, -32600]);

/**
 * Speaks MCP to one upstream in the era that it understands: one request a call once the era is
 * known. A session that the upstream forgot is opened again.
 */
export class Connection {
  readonly #target: Target;
  readonly #remember: (era: Era) => void;
  #era: Era | undefined;
  #negotiating: Promise<Era> | undefined;
  #nextId = 1;

  constructor(target: Target, era: Era | undefined, remember: (era: Era) => void) {
    this.#target = target;
    this.#era = era;
    this.#remember = remember;
  }

  get capabilities(): RpcResult | undefined {
    return this.#era?.capabilities;
  }

  /** The upstream's answer, its errors included; throws UpstreamError where none came. */
  async request(request: UpstreamRequest): Promise<RpcAnswer> {
    const era = this.#era ?? (await this.#negotiate(request.signal));
    const first = await this.#send(era, request);
    if (!isStale(era, first)) return toAnswer(first);
    if (this.#era === era) this.#era = undefined;
    const again = this.#era ?? (await this.#negotiate(request.signal));
    return toAnswer(await this.#send(again, request));
  }

  async #send(era: Era, request: UpstreamRequest): Promise<Received> {
    const id = this.#nextId++;
    const { method } = request;
    const params = era.kind === "modern" ? withEnvelope(request) : request.params;
    return exchange(
      this.#target,
      { jsonrpc: "2.0", id, method, params },
      {
        headers: { ...request.headers, ...eraHeaders(era, method, params) },
        signal: request.signal,
        ...(request.onNotification ? { onNotification: request.onNotification } : {}),
        onRequest: (asked) => void this.#decline(era, asked.id, asked.method, request.signal),
      },
    );
  }

  /** We are nobody's model or user: what an upstream asks of its client is declined at once. */
  async #decline(
    era: Era,
    id: string | number,
    method: string,
    signal: AbortSignal,
  ): Promise<void> {
    const message = `The gateway does not answer ${method}.`;
    const answer = method === "ping" ? { result: {} } : { error: { code: -32601, message } };
    const body = JSON.stringify({ jsonrpc: "2.0", id, ...answer });
    const sent = this.#target.send({ headers: eraHeaders(era, "", {}), body, signal });
    await sent.then((response) => response.body?.cancel()).catch(() => undefined);
  }

  #negotiate(signal: AbortSignal): Promise<Era> {
    this.#negotiating ??= this.#findEra(signal)
      .then((era) => {
        this.#era = era;
        this.#remember(era);
        return era;
      })
      .finally(() => {
        this.#negotiating = undefined;
      });
    return this.#negotiating;
  }

  async #findEra(signal: AbortSignal): Promise<Era> {
    const modern: Era = { kind: "modern", capabilities: {} };
    const discovered = await this.#send(modern, { method: "server/discover", params: {}, signal });
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
    const params = { protocolVersion: legacyVersions[0], capabilities: {}, clientInfo };
    const opened = await exchange(
      this.#target,
      { jsonrpc: "2.0", id: this.#nextId++, method: "initialize", params },
      { headers: eraHeaders(undefined, "initialize", {}), signal },
    );
    const { result, error } = toAnswer(opened);
    if (error) {
      throw new UpstreamError("mcp.initialize", `The MCP server refused: ${error.message}`, {
        fix: "Check the URL and the credential of the link.",
      });
    }
    const sessionId = opened.response.headers.get("mcp-session-id");
    const { protocolVersion, capabilities } = result;
    const era: Era = {
      kind: "legacy",
      protocolVersion: typeof protocolVersion === "string" ? protocolVersion : legacyVersions[0],
      capabilities: isRecord(capabilities) ? capabilities : {},
      ...(sessionId ? { sessionId } : {}),
    };
    const body = JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" });
    const told = await this.#target.send({ headers: eraHeaders(era, "", {}), body, signal });
    await told.body?.cancel();
    return era;
  }
}

function withEnvelope(request: UpstreamRequest): RpcResult {
  const meta = isRecord(request.params["_meta"]) ? request.params["_meta"] : {};
  return {
    ...request.params,
    _meta: {
      ...meta,
      [metaKeys.protocolVersion]: modernVersion,
      [metaKeys.clientInfo]: clientInfo,
      [metaKeys.clientCapabilities]: request.clientCapabilities ?? {},
    },
  };
}

function eraHeaders(era: Era | undefined, method: string, params: RpcResult) {
  const headers: Record<string, string> = {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  };
  if (era?.kind === "legacy") {
    headers["mcp-protocol-version"] = era.protocolVersion;
    if (era.sessionId) headers["mcp-session-id"] = era.sessionId;
  }
  if (era?.kind === "modern") {
    headers["mcp-protocol-version"] = modernVersion;
    headers["mcp-method"] = method;
    const name = params["name"] ?? params["uri"];
    if (typeof name === "string") headers["mcp-name"] = headerValue(name);
  }
  return headers;
}

/** As the transport wants values that are not plain visible ASCII. */
function headerValue(value: string): string {
  if (/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value) && !value.startsWith("=?")) {
    return value;
  }
  return `=?base64?${Buffer.from(value).toString("base64")}?=`;
}

/** The upstream restarted, or was replaced by one of another era: nothing was executed. */
function isStale(era: Era, received: Received): boolean {
  if (era.kind === "legacy") {
    const { status } = received.response;
    return status === 404 || (status === 400 && era.sessionId !== undefined);
  }
  if (received.kind === "refused") return received.status === 400 || received.status === 404;
  const { error } = received.answer;
  return received.response.status >= 400 && error !== undefined && versionCodes.has(error.code);
}

function toAnswer(received: Received): RpcAnswer {
  if (received.kind === "answer") return received.answer;
  refuseStatus(received.status, true);
  if (received.status === 429) {
    throw new UpstreamError("mcp.rate-limited", "The MCP server answers HTTP 429.", {
      status: 429,
      retryAfterMs: 5000,
      fix: "Call it less often.",
    });
  }
  throw new UpstreamError("mcp.http-status", `The MCP server answered HTTP ${received.status}.`, {
    fix: "Check that the URL of the link is an MCP endpoint (Streamable HTTP).",
    ...(received.status >= 500 ? { retryAfterMs: 1000 } : {}),
  });
}

/** Statuses that no other era would change. */
function refuseStatus(status: number, final: boolean): void {
  if (status === 401 || status === 403) {
    throw new UpstreamError("mcp.unauthorized", `The MCP server answered HTTP ${status}.`, {
      fix: "Check the secret of the link; request_secret gives a page to enter it anew.",
    });
  }
  if (status >= 300 && status < 400) {
    throw new UpstreamError("mcp.redirect", "The MCP server redirects, which is not followed.", {
      fix: "Link the address that it redirects to.",
    });
  }
  if (!final && status >= 500) {
    throw new UpstreamError("mcp.http-status", `The MCP server answered HTTP ${status}.`, {
      retryAfterMs: 1000,
      fix: "Try again when the server works.",
    });
  }
}
