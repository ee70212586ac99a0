/** JSON-RPC 2.0 as MCP uses it. https://www.jsonrpc.org/specification */
export interface RpcRequest {
  readonly jsonrpc: "2.0";
  readonly id: string | number;
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

export interface RpcNotification {
  readonly jsonrpc: "2.0";
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

export type RpcResult = Readonly<Record<string, unknown>>;

/** How a request ended on the wire: with a result, or with an error of the other side. */
export type RpcAnswer =
  | { readonly result: RpcResult; readonly error?: never }
  | { readonly error: RpcError; readonly result?: never };

export const rpcCodes = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
} as const;

export const modernVersion = "2026-07-28";
/** The error of a server that does not speak the version of a request; `data.supported` says which. */
export const unsupportedVersion = -32022;
/** The initialize era; what we ask for is the first. */
export const legacyVersions = ["2025-11-25", "2025-06-18", "2025-03-26"] as const;

/** Keys of `_meta` in the modern era. */
export const metaKeys = {
  protocolVersion: "io.modelcontextprotocol/protocolVersion",
  clientInfo: "io.modelcontextprotocol/clientInfo",
  clientCapabilities: "io.modelcontextprotocol/clientCapabilities",
  serverInfo: "io.modelcontextprotocol/serverInfo",
} as const;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field that should be a string and came from outside; anything else counts as empty. */
export function stringOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
