import {
  isRecord,
  legacyVersions,
  metaKeys,
  modernVersion,
  type RpcAnswer,
  type RpcRequest,
  type RpcResult,
} from "#edge/gateway/upstream/json-rpc";

export type ClientEra = "modern" | "legacy";

/**
 * The era of a request that leaves no doubt: well-formed, headers and body in agreement. Undefined:
 * the SDK is to judge it, and to word the refusal as the specification wants.
 */
export function eraOf(message: RpcRequest, headers: Headers): ClientEra | undefined {
  if (!headers.get("content-type")?.includes("application/json")) return undefined;
  const accept = headers.get("accept") ?? "";
  if (!accept.includes("application/json") || !accept.includes("text/event-stream")) {
    return undefined;
  }
  const meta = isRecord(message.params?.["_meta"]) ? message.params["_meta"] : {};
  const version = headers.get("mcp-protocol-version");
  if (meta[metaKeys.protocolVersion] === undefined) {
    const known = version === null || (legacyVersions as readonly string[]).includes(version);
    return known ? "legacy" : undefined;
  }
  return isModern(message, meta, headers) ? "modern" : undefined;
}

function isModern(message: RpcRequest, meta: RpcResult, headers: Headers): boolean {
  const { method, params } = message;
  const name = params?.["name"] ?? params?.["uri"];
  return (
    meta[metaKeys.protocolVersion] === modernVersion &&
    headers.get("mcp-protocol-version") === modernVersion &&
    isRecord(meta[metaKeys.clientCapabilities]) &&
    headers.get("mcp-method") === method &&
    (typeof name === "string" ? headers.get("mcp-name") === name : name === undefined)
  );
}

const listMethods = new Set([
  "tools/list",
  "prompts/list",
  "resources/list",
  "resources/templates/list",
  "resources/read",
]);

/** The result as this era writes it: what the upstream's era lacks is added, the excess removed. */
export function toEra(
  era: ClientEra,
  method: string,
  answer: RpcAnswer,
  server: RpcResult,
): RpcAnswer {
  if (answer.error) return answer;
  if (era === "legacy") return { result: toLegacy(answer.result) };
  const { result } = answer;
  const meta = isRecord(result["_meta"]) ? result["_meta"] : {};
  return {
    result: {
      resultType: "complete",
      // What a token sees is its own business; upstreams of the older era say nothing of caching.
      ...(listMethods.has(method) ? { ttlMs: 0, cacheScope: "private" } : {}),
      ...result,
      ...(listMethods.has(method) ? { cacheScope: "private" } : {}),
      _meta: { ...meta, [metaKeys.serverInfo]: server },
    },
  };
}

function toLegacy(result: RpcResult): RpcResult {
  if (result["resultType"] === undefined) return result;
  const { resultType, ttlMs: _ttl, cacheScope: _scope, _meta: meta, ...rest } = result;
  if (resultType === "complete") {
    const kept = Object.entries(isRecord(meta) ? meta : {}).filter(
      ([key]) => key !== metaKeys.serverInfo,
    );
    return kept.length > 0 ? { ...rest, _meta: Object.fromEntries(kept) } : rest;
  }
  const text =
    "This tool asks for further input, which this client's protocol version cannot give here. Use a client that speaks MCP 2026-07-28. (mcp.input-required)";
  return { content: [{ type: "text", text }], isError: true };
}

/** HTTP status of a JSON-RPC error in the modern era. */
export function statusOf(era: ClientEra, answer: RpcAnswer): number {
  if (era === "legacy" || !answer.error) return 200;
  const { code } = answer.error;
  if (code === -32601) return 404;
  return code <= -32020 && code >= -32099 ? 400 : 200;
}

export function clientOf(message: RpcRequest, headers: Headers): string | undefined {
  const meta = isRecord(message.params?.["_meta"]) ? message.params["_meta"] : {};
  const info = meta[metaKeys.clientInfo];
  if (isRecord(info) && typeof info["name"] === "string") return info["name"];
  return headers.get("user-agent") ?? undefined;
}
