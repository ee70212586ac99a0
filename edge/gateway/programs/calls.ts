import { AerostackError, InputError } from "#blueprints/error";
import { type CallEnd, failureResult } from "#edge/gateway/call";
import { callInMode } from "#edge/gateway/modes/call-in-mode";
import type { CodeRoom } from "#edge/gateway/modes/code-runs";
import type { ToolMode } from "#edge/gateway/modes/mode";
import { ownCall } from "#edge/gateway/modes/own-call";
import { toolsForModels } from "#edge/gateway/modes/own-tools";
import { isRecord, type RpcAnswer, stringOf } from "#edge/gateway/upstream/json-rpc";
import type { Actor } from "#edge/identity/actor";
import type { Dialect, SourceCall, SourceResult } from "#registry-adapters/dialect";
import { adaptTools } from "./adapted.ts";

/** Calls of one request; models ask for a handful at once. */
export const maximumCalls = 32;

export interface ProgramCalls {
  readonly actor: Actor;
  readonly dialect: Dialect;
  readonly mode: ToolMode | undefined;
  readonly calls: readonly unknown[];
  readonly client?: string;
  readonly signal: AbortSignal;
}

/**
 * All calls at once, their results in the same order and in the dialect's form. Whatever happens to
 * a call is its result: a tool that is unknown, denied or broken fails alone.
 */
export async function callAll(room: CodeRoom, asked: ProgramCalls): Promise<object[]> {
  if (asked.calls.length > maximumCalls) {
    throw new InputError("calls.too-many", `These are ${asked.calls.length} calls.`, {
      fix: `Send at most ${maximumCalls} at once.`,
    });
  }
  const shown = toolsForModels(room, asked.actor, asked.mode);
  const { tools } = adaptTools(shown, asked.dialect);
  return Promise.all(
    asked.calls.map(async (raw) => {
      const { call, end } = await callOne(room, asked, raw, tools);
      const result = asked.dialect.toResult(call, toResult(end.answer));
      end.record(JSON.stringify(result).length);
      return result;
    }),
  );
}

async function callOne(
  room: CodeRoom,
  asked: ProgramCalls,
  raw: unknown,
  tools: Parameters<Dialect["fromCall"]>[1],
): Promise<{ call: SourceCall; end: CallEnd }> {
  const { actor, mode, client, signal } = asked;
  const common = {
    actor,
    requestBytes: JSON.stringify(raw ?? null).length,
    signal,
    ...(client === undefined ? {} : { client }),
  };
  try {
    const call = asked.dialect.fromCall(raw, tools);
    const params = { arguments: call.arguments };
    return { call, end: await callInMode(room, { ...common, name: call.name, params }, mode) };
  } catch (error) {
    if (!(error instanceof AerostackError)) throw error;
    const call = { ...identify(raw), arguments: {} };
    const own = { ...common, name: call.name, params: {} };
    // Not among those shown: the gateway itself says what it says of every unknown tool.
    if (error.code === "adapter.unknown-tool") {
      return { call, end: await callInMode(room, own, mode) };
    }
    const refuse = () => {
      throw error;
    };
    // Callers choose the name; the log knows those of tools.
    const name = room.catalogue.exists(call.name) ? call.name : "-";
    return { call, end: await ownCall(room, { ...own, name }, refuse) };
  }
}

/** Name and id of a call that could not be read as a whole, in whichever of the dialects. */
function identify(raw: unknown): { name: string; id?: string; variant?: string } {
  const outer = isRecord(raw) ? raw : {};
  const nested = outer["function"] ?? outer["functionCall"];
  const inner = isRecord(nested) ? nested : outer;
  const id = stringOf(outer["call_id"] ?? outer["id"] ?? inner["id"]);
  return {
    name: stringOf(inner["name"]),
    ...(id === "" ? {} : { id }),
    ...(isRecord(outer["function"]) ? { variant: "chat" } : {}),
  };
}

function toResult(answer: RpcAnswer): SourceResult {
  if (answer.error) {
    return { content: [{ type: "text", text: answer.error.message }], isError: true };
  }
  const { content, structuredContent, isError } = answer.result;
  if (Array.isArray(content)) {
    return {
      content: content.filter(isRecord),
      ...(structuredContent === undefined ? {} : { structuredContent }),
      ...(isError === true ? { isError } : {}),
    };
  }
  const problem = new InputError("mcp.input-required", "This tool asks for further input.", {
    fix: "Call it with an MCP client that can answer.",
  });
  return failureResult(problem) as unknown as SourceResult;
}
