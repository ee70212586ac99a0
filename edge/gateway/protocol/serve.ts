import type { McpHttpHandler } from "@modelcontextprotocol/server";
import { AerostackError } from "#blueprints/error";
import { isTooDeep, readBody } from "#edge/gateway/limits";
import { modeOf } from "#edge/gateway/modes/mode";
import { isRecord, type RpcRequest, rpcCodes } from "#edge/gateway/upstream/json-rpc";
import type { Actor } from "#edge/identity/actor";
import type { ProtocolRoom } from "./answer.ts";
import { answerDirectly } from "./direct.ts";
import { sessionFor } from "./session.ts";

/** Serves one authenticated MCP request, of either era. */
export async function serveMcp(
  room: ProtocolRoom,
  sdk: McpHttpHandler,
  request: Request,
  actor: Actor,
): Promise<Response> {
  const mode = modeOf(request.url);
  const authInfo = { token: "", clientId: actor.kind, scopes: [], extra: { actor, mode } };
  if (request.method !== "POST") return sdk.fetch(request, { authInfo });
  let text: string;
  try {
    text = await readBody(request);
  } catch (error) {
    if (error instanceof AerostackError) {
      const { code, fix } = error;
      return rpcError(error.status, rpcCodes.invalidRequest, error.message, { code, fix });
    }
    throw error;
  }
  const parsed = parse(text);
  if (parsed instanceof Response) return parsed;
  if (isRequest(parsed)) {
    const { headers, signal } = request;
    const requestBytes = text.length;
    const asked = { actor, mode, message: parsed, headers, requestBytes, signal };
    const answer = answerDirectly(room, asked);
    if (answer) return answer;
  }
  // An answer to a question of ours, from a client of the initialize era.
  if (isRecord(parsed) && parsed["method"] === undefined && room.questions.take(actor, parsed)) {
    return new Response(null, { status: 202 });
  }
  const { url, method, headers } = request;
  const response = await sdk.fetch(new Request(url, { method, headers, body: text }), {
    authInfo,
    parsedBody: parsed,
  });
  return withSession(response, parsed);
}

/** Hands out a session where `initialize` succeeded and the client can answer questions. */
function withSession(response: Response, message: unknown): Response {
  if (!response.ok || !isRequest(message) || message.method !== "initialize") return response;
  const session = sessionFor(message.params?.["capabilities"]);
  if (session === undefined) return response;
  const headers = new Headers(response.headers);
  headers.set("mcp-session-id", session);
  return new Response(response.body, { status: response.status, headers });
}

function parse(text: string): unknown {
  if (isTooDeep(text)) {
    return rpcError(400, rpcCodes.invalidRequest, "The request nests deeper than 128 levels.", {
      code: "http.body-too-deep",
      fix: "Send a flatter document.",
    });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return rpcError(400, rpcCodes.parse, "Parse error: the body is not JSON.", {
      code: "http.not-json",
      fix: "Send one JSON-RPC request as JSON.",
    });
  }
  if (!Array.isArray(parsed)) return parsed;
  return rpcError(400, rpcCodes.invalidRequest, "Batches are not part of MCP any more.", {
    code: "mcp.batch",
    fix: "Send one JSON-RPC message a request.",
  });
}

function isRequest(message: unknown): message is RpcRequest {
  if (!isRecord(message) || message["jsonrpc"] !== "2.0") return false;
  const { id, method, params } = message;
  return (
    (typeof id === "string" || typeof id === "number") &&
    typeof method === "string" &&
    (params === undefined || isRecord(params))
  );
}

/** A refusal before there is a request to answer: JSON-RPC with a null id, the code in `data`. */
function rpcError(
  status: number,
  code: number,
  message: string,
  data: { code: string; fix: string | undefined },
): Response {
  const body = { jsonrpc: "2.0", id: null, error: { code, message, data } };
  return Response.json(body, { status, headers: { "cache-control": "no-store" } });
}
