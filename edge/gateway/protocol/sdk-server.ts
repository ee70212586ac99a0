import {
  createMcpHandler,
  type McpHttpHandler,
  ProtocolError,
  type RequestMethod,
  Server,
  type ServerCapabilities,
} from "@modelcontextprotocol/server";
import { InputError } from "#blueprints/error";
import type { ToolMode } from "#edge/gateway/modes/mode";
import { offersView } from "#edge/gateway/reviews/view";
import { isRecord } from "#edge/gateway/upstream/json-rpc";
import type { Actor } from "#edge/identity/actor";
import { type Asked, methods, type ProtocolRoom } from "./answer.ts";
import { serverInfo } from "./direct.ts";

/**
 * The SDK's side of the endpoint: initialize, discovery, subscriptions, and every request that is
 * irregular enough to be refused in the words of the specification.
 */
export function createSdkHandler(room: ProtocolRoom): McpHttpHandler {
  return createMcpHandler((context) => {
    const actor = context.authInfo?.extra?.["actor"] as Actor | undefined;
    if (!actor) throw new InputError("token.missing", "The request carries no token.");
    const mode = context.authInfo?.extra?.["mode"] as ToolMode | undefined;
    const { slug, name } = room.identity();
    const server = new Server(
      { ...serverInfo(room), name: `aerostack-${slug}`, version: "0.1.0" },
      {
        capabilities: capabilitiesOf(room, actor),
        instructions: `Tools of the workspace ${name}.`,
      },
    );
    for (const method of served(room, actor))
      register(server, room, { actor, ...(mode === undefined ? {} : { mode }) }, method);
    return server;
  });
}

function hasResources(room: ProtocolRoom, actor: Actor): boolean {
  return room.offers.has("resources") || offersView(room, actor);
}

function capabilitiesOf(room: ProtocolRoom, actor: Actor): ServerCapabilities {
  return {
    tools: { listChanged: true },
    logging: {},
    ...(hasResources(room, actor) ? { resources: {} } : {}),
    ...(room.offers.has("prompts") ? { prompts: {} } : {}),
    ...(room.offers.has("completions") ? { completions: {} } : {}),
  };
}

function served(room: ProtocolRoom, actor: Actor): RequestMethod[] {
  const needs = { resources: "resources", prompts: "prompts", completion: "completions" } as const;
  return (Object.keys(methods) as RequestMethod[]).filter((method) => {
    const group = method.split("/", 1)[0] as keyof typeof needs | "tools";
    if (group === "tools") return true;
    return group === "resources" ? hasResources(room, actor) : room.offers.has(needs[group]);
  });
}

function register(
  server: Server,
  room: ProtocolRoom,
  visitor: Pick<Asked, "actor" | "mode">,
  method: RequestMethod,
): void {
  server.setRequestHandler(method, async (request, context) => {
    const params = "params" in request && isRecord(request.params) ? request.params : {};
    const requestBytes = JSON.stringify(params).length;
    const { signal } = context.mcpReq;
    const answered = await methods[method]?.(room, {
      ...visitor,
      params,
      requestBytes,
      signal,
    });
    if (!answered) throw new ProtocolError(-32601, "Method not found");
    const { answer } = answered;
    answered.record?.(JSON.stringify(answer).length);
    if (answer.error) {
      throw new ProtocolError(answer.error.code, answer.error.message, answer.error.data);
    }
    return answer.result;
  });
}
