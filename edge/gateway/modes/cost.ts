import type { Tool } from "@modelcontextprotocol/client";
import type { ToolModes } from "#edge/gateway/workspace-api";
import type { CodeRoom } from "./code-runs.ts";
import { effectiveMode, type ToolMode } from "./mode.ts";
import { shownTools } from "./own-tools.ts";

/** Characters of JSON Schema that make one token, on the safe side. */
const charactersPerToken = 3.6;

/** What the list of tools costs a model in each mode, for who may use all of them. */
export function toolModes(room: CodeRoom): ToolModes {
  const actor = { kind: "system" as const, workspaceId: room.identity().id };
  const cost = (mode: ToolMode) => {
    const tools = shownTools(room, actor, mode);
    return { tools: tools.length, tokens: tokensOf(tools) };
  };
  return {
    default: effectiveMode(room, actor, undefined),
    direct: cost("direct"),
    search: cost("search"),
    code: cost("code"),
  };
}

function tokensOf(tools: readonly Tool[]): number {
  return Math.ceil(JSON.stringify({ tools }).length / charactersPerToken);
}
