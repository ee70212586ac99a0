import type { CallToolResult } from "@modelcontextprotocol/client";
import { AerostackError, InputError, UpstreamError } from "#blueprints/error";
import { mayUse } from "./authorise.ts";
import { type CallRoom, callTool, logged, toFailure } from "./call.ts";
import { runChecked } from "./functions.ts";
import { finalName } from "./tool-names.ts";
import type { FunctionCall, ToolCall } from "./workspace-api.ts";
import type { CallLogRow } from "./records.ts";

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
  if (end.failure) throw await redacted(room, end.failure);
  const { result, error } = end.answer;
  if (error) {
    throw new UpstreamError("tool.rpc-error", `${call.name}: ${error.message} (${error.code})`, {
      fix: "Compare the arguments with the tool's input schema.",
    });
  }
  return result as CallToolResult;
}

/** A deployed function by its own name, for runs and for trying it out; logged as any call. */
export async function callFunction(
  room: CallRoom,
  call: FunctionCall,
): Promise<{ output: unknown; logs: string[] }> {
  const tool = finalName("fn", call.name);
  const live = room.live.get("function", call.name);
  const readOnly = live?.definition.effect === "pure" || live?.definition.effect === "read";
  const isAllowed = mayUse(call.actor, room.identity(), { name: tool, readOnly });
  const record = recorder(room, { ...call, tool });
  if (!live || !isAllowed) {
    record({ outcome: "denied", errorCode: live ? "tool.denied" : "tool.unknown" }, 0);
    throw new InputError("function.unknown", `There is no function "${call.name}".`, {
      status: 404,
      fix: "List the functions of the workspace, or deploy it first.",
    });
  }
  const runId = call.actor.kind === "system" ? call.actor.runId : undefined;
  try {
    const { output, logs } = await runChecked(room.env, live.definition, {
      name: call.name,
      input: call.input,
      workspaceId: room.identity().id,
      ...(runId === undefined ? {} : { runId }),
    });
    const answer = (await room.vault.redactor()).value({ output, logs });
    record({ outcome: "ok" }, JSON.stringify(answer.output ?? null).length);
    return answer;
  } catch (error) {
    const failure = toFailure(error);
    record({ outcome: "failed", errorCode: failure.code }, 0);
    throw await redacted(room, failure);
  }
}

type Outcome = Pick<CallLogRow, "outcome" | "errorCode">;

/** Starts the clock; what it answers writes the row. */
function recorder(
  room: CallRoom,
  { actor, tool, input }: FunctionCall & { tool: string },
): (outcome: Outcome, responseBytes: number) => void {
  const at = room.now();
  const started = performance.now();
  const requestBytes = JSON.stringify(input ?? null).length;
  return (outcome, responseBytes) => {
    const latencyMs = performance.now() - started;
    const who = logged({ actor, name: tool, params: {}, requestBytes }, at);
    room.log.add({
      ...who,
      ...outcome,
      mcp: "fn",
      tool,
      latencyMs,
      upstreamMs: latencyMs,
      responseBytes,
    });
  };
}

/** The same failure, in words that hold no secret: an upstream may quote one in an error. */
async function redacted(room: CallRoom, failure: AerostackError): Promise<AerostackError> {
  const redactor = await room.vault.redactor();
  const { kind, code, status, retryAfterMs, fix, details } = failure;
  return new AerostackError(kind, code, redactor.text(failure.message), {
    status,
    ...(fix === undefined ? {} : { fix: redactor.text(fix) }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(details === undefined ? {} : { details: redactor.value(details) }),
  });
}
