import type { CallToolResult } from "@modelcontextprotocol/client";
import { InputError, UpstreamError } from "#blueprints/error";
import { mayUse } from "./authorise.ts";
import { type CallRoom, callTool } from "./call.ts";
import { runChecked } from "./functions.ts";
import { finalName } from "./tool-names.ts";
import type { FunctionCall, ToolCall } from "./workspace-api.ts";

/**
 * A tool call over RPC, of a run or of the platform's own tools. A result with `isError` is an
 * answer; where the gateway or the upstream failed this throws, so that an engine can retry.
 */
export async function callFromInside(room: CallRoom, call: ToolCall): Promise<CallToolResult> {
  const key = call.idempotencyKey;
  const params = {
    arguments: call.arguments ?? {},
    ...(key === undefined ? {} : { _meta: { "dev.aerostack/idempotency-key": key } }),
  };
  const end = await callTool(room, {
    actor: call.actor,
    name: call.name,
    params,
    requestBytes: JSON.stringify(params).length,
    ...(key === undefined ? {} : { headers: { "idempotency-key": key } }),
  });
  end.record(JSON.stringify(end.answer).length);
  if (end.failure) throw end.failure;
  const { result, error } = end.answer;
  if (error) {
    throw new UpstreamError("tool.rpc-error", `${call.name}: ${error.message} (${error.code})`, {
      fix: "Compare the arguments with the tool's input schema.",
    });
  }
  return result as CallToolResult;
}

/** A deployed function by its own name, for runs and for trying it out. */
export async function callFunction(
  room: CallRoom,
  call: FunctionCall,
): Promise<{ output: unknown; logs: string[] }> {
  const tool = finalName("fn", call.name);
  const live = room.live.get("function", call.name);
  const readOnly = live?.definition.effect === "pure" || live?.definition.effect === "read";
  if (!live || !mayUse(call.actor, room.identity(), { name: tool, readOnly })) {
    throw new InputError("function.unknown", `There is no function "${call.name}".`, {
      status: 404,
      fix: "List the functions of the workspace, or deploy it first.",
    });
  }
  const runId = call.actor.kind === "system" ? call.actor.runId : undefined;
  const { output, logs } = await runChecked(room.env, live.definition, {
    name: call.name,
    input: call.input,
    workspaceId: room.identity().id,
    ...(runId === undefined ? {} : { runId }),
  });
  return (await room.vault.redactor()).value({ output, logs });
}
