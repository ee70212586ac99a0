import type { Tool } from "@modelcontextprotocol/client";
import { reviewTools } from "#edge/gateway/reviews/offered";
import { isRecord } from "#edge/gateway/upstream/json-rpc";
import type { Actor } from "#edge/identity/actor";
import type { CodeRoom } from "./code-runs.ts";
import { declarationOf } from "./declarations.ts";
import { effectiveMode, type ToolMode } from "./mode.ts";

/** Characters of declarations in the description of `run_code`; what is left is found from inside. */
const maximumDeclarations = 24_000;
export const foundAtMost = 25;

type Schema = Tool["inputSchema"];

const object = (properties: NonNullable<Schema["properties"]>, required: string[]): Schema => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});

const closed = { readOnlyHint: true, destructiveHint: false, idempotentHint: true };

function findTools(mcps: readonly string[]): Tool {
  return {
    name: "find_tools",
    title: "Find tools",
    description: `Finds tools of this workspace by what they do; answers their names and input schemas for call_tool. Servers: ${mcps.join(", ") || "none"}.`,
    inputSchema: object(
      {
        query: { type: "string", minLength: 1, description: "Words, for example: create issue." },
        limit: { type: "integer", minimum: 1, maximum: foundAtMost, default: 8 },
      },
      ["query"],
    ),
    outputSchema: {
      type: "object",
      properties: { tools: { type: "array", items: { type: "object" } } },
      required: ["tools"],
    },
    annotations: { ...closed, openWorldHint: false },
  };
}

function callTool(readOnly: boolean): Tool {
  return {
    name: "call_tool",
    title: "Call a tool",
    description: "Calls a tool that find_tools answered, with arguments that fit its input schema.",
    inputSchema: object(
      {
        name: { type: "string", description: "As find_tools answered it." },
        arguments: { type: "object", additionalProperties: true },
      },
      ["name"],
    ),
    annotations: readOnly ? closed : { readOnlyHint: false },
  };
}

function runCode(tools: readonly Tool[], readOnly: boolean): Tool {
  const lines: string[] = [];
  let room = maximumDeclarations;
  for (const tool of tools) {
    const line = declarationOf(tool);
    if (room < line.length) break;
    room -= line.length + 1;
    lines.push(line);
  }
  const left = tools.length - lines.length;
  const description = [
    "Runs the body of an async TypeScript function in an isolate without network; `return` a JSON value. Call tools on `tools`, several in one run; a tool that fails throws.",
    ...(left > 0
      ? [`${left} more tools: \`await findTools("words")\` answers their declarations.`]
      : []),
    `declare const tools: {\n${lines.join("\n")}\n};`,
  ].join("\n");
  return {
    name: "run_code",
    title: "Run code against the tools",
    description,
    inputSchema: object(
      { code: { type: "string", description: "For example: return await tools.x({ a: 1 });" } },
      ["code"],
    ),
    outputSchema: {
      type: "object",
      properties: { result: {}, logs: { type: "array", items: { type: "string" } } },
      required: ["result"],
    },
    annotations: readOnly ? closed : { readOnlyHint: false },
  };
}

/** The tools as this actor sees them in a mode; what each leads to is authorised when called. */
export function shownTools(room: CodeRoom, actor: Actor, asked: ToolMode | undefined): Tool[] {
  const tools = toolsOfMode(room, actor, asked);
  const reviews = reviewTools(room, actor);
  return reviews.length === 0 ? tools : [...tools.map(withoutView), ...reviews];
}

/** Keys of `_meta` that name a view: MCP Apps (SEP-1865), its first form, and the OpenAI Apps SDK. */
const viewKeys: ReadonlySet<string> = new Set(["ui", "ui/resourceUri", "openai/outputTemplate"]);

/**
 * A client lets a view call every tool of its server, and here all upstreams are one server: the view
 * of one of them could decide a review, with nobody asked, or show other words in ours. Where a
 * person can decide, upstreams bring no views; their tools answer as ever.
 */
function withoutView(tool: Tool): Tool {
  const { _meta: meta, ...rest } = tool;
  if (!meta || !Object.keys(meta).some((key) => viewKeys.has(key))) return tool;
  const kept = Object.entries(meta).filter(([key]) => !viewKeys.has(key));
  return { ...rest, _meta: Object.fromEntries(kept) };
}

/** Without what is there for a person's view alone (MCP Apps, `visibility`): for a model's eyes. */
export function toolsForModels(...asked: Parameters<typeof shownTools>): Tool[] {
  return shownTools(...asked).filter(({ _meta: meta }) => {
    const ui = isRecord(meta?.["ui"]) ? meta["ui"] : {};
    return !Array.isArray(ui["visibility"]) || ui["visibility"].includes("model");
  });
}

function toolsOfMode(room: CodeRoom, actor: Actor, asked: ToolMode | undefined): Tool[] {
  const mode = effectiveMode(room, actor, asked);
  const visible = room.catalogue.list(actor, room.identity());
  if (mode === "direct") return visible.map(({ tool }) => tool);
  const readOnly = visible.every((one) => one.readOnly);
  if (mode === "code") {
    return [
      runCode(
        visible.map(({ tool }) => tool),
        readOnly,
      ),
    ];
  }
  const mcps = [...new Set(visible.map(({ mcp }) => mcp || "(unnamed)"))];
  return [findTools(mcps.slice(0, 60)), callTool(readOnly)];
}
