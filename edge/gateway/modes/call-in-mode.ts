import { InputError } from "#blueprints/error";
import { type Call, type CallEnd, callTool } from "#edge/gateway/call";
import { callReviewTool } from "#edge/gateway/reviews/call";
import { modeTools, reviewToolNames } from "#edge/gateway/tool-names";
import { isRecord, stringOf } from "#edge/gateway/upstream/json-rpc";
import type { CodeRoom } from "./code-runs.ts";
import { effectiveMode, type ToolMode } from "./mode.ts";
import { ownCall } from "./own-call.ts";
import { foundAtMost } from "./own-tools.ts";
import { runCode } from "./run-code.ts";

type OwnTool = (room: CodeRoom, call: Call) => Promise<CallEnd>;

const ownTools: Partial<Record<ToolMode, Readonly<Record<string, OwnTool>>>> = {
  search: { find_tools: findTools, call_tool: callFound },
  code: { run_code: runCode },
};

/**
 * A call as the mode understands it: the mode's own tools, else the tool of that name, which every
 * mode may call: a mode changes what is shown, not what is allowed.
 */
export function callInMode(
  room: CodeRoom,
  call: Call,
  asked: ToolMode | undefined,
): Promise<CallEnd> {
  if (reviewToolNames.has(call.name)) return callReviewTool(room, call);
  if (!modeTools.has(call.name)) return callTool(room, call);
  const own = ownTools[effectiveMode(room, call.actor, asked)]?.[call.name];
  return own ? own(room, call) : callTool(room, call);
}

function findTools(room: CodeRoom, call: Call): Promise<CallEnd> {
  return ownCall(room, call, () => {
    const input = isRecord(call.params["arguments"]) ? call.params["arguments"] : {};
    const query = stringOf(input["query"]);
    if (query.trim() === "") {
      throw new InputError("search.query", "There is nothing to search for.", {
        fix: "Send words as `query`.",
      });
    }
    const wanted = typeof input["limit"] === "number" ? Math.trunc(input["limit"]) : 8;
    const limit = Math.min(Math.max(wanted, 1), foundAtMost);
    const tools = room.toolSearch.find(call.actor, query, limit).map((tool) => {
      const { _meta, icons: _icons, ...shown } = tool;
      return shown;
    });
    const text = JSON.stringify({ tools });
    return { content: [{ type: "text", text }], structuredContent: { tools } };
  });
}

/** The very same call as without this mode: same decision, same answer, same row in the log. */
function callFound(room: CodeRoom, call: Call): Promise<CallEnd> {
  const { arguments: outer, ...rest } = call.params;
  const input = isRecord(outer) ? outer : {};
  // Headers that mirror arguments were made for the outer schema.
  const { headers: _headers, ...kept } = call;
  return callTool(room, {
    ...kept,
    name: stringOf(input["name"]),
    params: { ...rest, arguments: isRecord(input["arguments"]) ? input["arguments"] : {} },
  });
}
