import { isTooDeep } from "#edge/gateway/limits";
import {
  isRecord,
  type RpcAnswer,
  type RpcNotification,
  type RpcRequest,
  rpcCodes,
  stringOf,
} from "./json-rpc.ts";

/** Who waits for an answer, and hears what comes before it. */
export interface Listener {
  /** Progress and log messages that come before the answer. */
  readonly onNotification?: (notification: RpcNotification) => void;
  /** What the upstream asks its client meanwhile; only the initialize era does. */
  readonly onRequest?: (request: RpcRequest) => void;
}

/** The answer to the request with this id; undefined where the message is none. */
export function answerTo(message: unknown, id: string | number | null): RpcAnswer | undefined {
  if (!isRecord(message) || (message["id"] ?? null) !== id) return undefined;
  if (isRecord(message["result"])) return { result: message["result"] };
  const error = message["error"];
  if (!isRecord(error)) return undefined;
  const code = typeof error["code"] === "number" ? error["code"] : rpcCodes.internal;
  const data = error["data"] === undefined ? {} : { data: error["data"] };
  return { error: { code, message: stringOf(error["message"]) || "Unknown error", ...data } };
}

/** Hands over what is no answer. */
export function hear(message: unknown, listener: Listener): void {
  if (!isRecord(message) || typeof message["method"] !== "string") return;
  const params = isRecord(message["params"]) ? { params: message["params"] } : {};
  const heard = { jsonrpc: "2.0" as const, method: message["method"], ...params };
  const id = message["id"];
  if (typeof id === "string" || typeof id === "number") listener.onRequest?.({ ...heard, id });
  else listener.onNotification?.(heard);
}

/**
 * Undefined for what is not JSON, as a stream may carry anything, and for what nests so deep that
 * whoever walks it recursively would overflow the stack.
 */
export function parseMessage(data: string): unknown {
  if (isTooDeep(data)) return undefined;
  try {
    return JSON.parse(data) as unknown;
  } catch {
    return undefined;
  }
}
