import type { Received } from "./exchange.ts";
import {
  isRecord,
  metaKeys,
  modernVersion,
  type RpcResult,
  unsupportedVersion,
} from "./json-rpc.ts";

/**
 * How an upstream wants to be spoken to. `modern`: stateless, 2026-07-28; `legacy`: initialized, over
 * Streamable HTTP; `sse`: initialized, answers come over one stream (HTTP+SSE of 2024-11-05).
 */
export type Era =
  | { readonly kind: "modern"; readonly capabilities: RpcResult }
  | {
      readonly kind: "legacy";
      readonly protocolVersion: string;
      readonly sessionId?: string;
      readonly capabilities: RpcResult;
    }
  | { readonly kind: "sse"; readonly protocolVersion: string; readonly capabilities: RpcResult };

export const clientInfo = { name: "aerostack-gateway", version: "0.1.0" };
/** Answers by which a modern upstream says that it is not one (any more). */
const versionCodes = new Set([unsupportedVersion, -32000, -32600]);

/** The parameters with the envelope of the modern era; other keys of `_meta` stay. */
export function withEnvelope(params: RpcResult, capabilities: unknown): RpcResult {
  const meta = isRecord(params["_meta"]) ? params["_meta"] : {};
  return {
    ...params,
    _meta: {
      ...meta,
      [metaKeys.protocolVersion]: modernVersion,
      [metaKeys.clientInfo]: clientInfo,
      [metaKeys.clientCapabilities]: capabilities ?? {},
    },
  };
}

/** Headers of one request; before an era is known, those of `initialize`. */
export function eraHeaders(
  era: Era | undefined,
  method: string,
  params: RpcResult,
): Record<string, string> {
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
export function isStale(era: Era, received: Received): boolean {
  const { status } = received;
  if (era.kind === "legacy")
    return status === 404 || (status === 400 && era.sessionId !== undefined);
  if (received.kind === "refused") return isOtherTransport(status) && !isMethodOnly(era, status);
  if (era.kind === "sse") return false;
  const { error } = received.answer;
  return status >= 400 && error !== undefined && versionCodes.has(error.code);
}

/** Statuses with which a server tells that it does not know this way of being spoken to. */
export function isOtherTransport(status: number): boolean {
  return status === 400 || status === 404 || status === 405;
}

/** A modern upstream answers 405 to what is no POST; we send nothing else. */
function isMethodOnly(era: Era, status: number): boolean {
  return era.kind === "modern" && status === 405;
}
