import {
  type CallToolResult,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { AerostackError } from "#blueprints/error";
import { nearest } from "#blueprints/nearest";
import { incidentOf } from "#edge/incident";
import { version } from "#edge/version";
import { parseArguments, toErrorResult, toResult } from "./answer.ts";
import { instructions } from "./instructions.ts";
import { prompts } from "./prompts/index.ts";
import { listResources, readResource, resourceTemplates } from "./resources/index.ts";
import type { ToolContext, ToolDefinition } from "./tool.ts";
import { tools } from "./tools/index.ts";
import { toWireTool } from "./wire-schema.ts";

/** Lists change with a deploy of the platform only; a client may keep them for five minutes. */
const listHint = { ttlMs: 300_000, cacheScope: "public" } as const;

function invalid(message: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message);
}

let wireTools: ReturnType<typeof toWireTool>[] | undefined;

/** Sends progress to a client that asked for it. */
function progressOf(context: ServerContext): ToolContext["progress"] {
  const { _meta: meta } = context.mcpReq;
  const token = meta?.progressToken;
  let progress = 0;
  return async (message) => {
    if (token === undefined) return;
    progress += 1;
    await context.mcpReq.notify({
      method: "notifications/progress",
      params: { progressToken: token, progress, message },
    });
  };
}

async function callTool(
  tool: ToolDefinition,
  context: ToolContext,
  args: unknown,
): Promise<CallToolResult> {
  try {
    return toResult(await tool.run(context, parseArguments(tool.name, tool.input, args)));
  } catch (error) {
    return toErrorResult(error);
  }
}

/** Outside of tools an error is a JSON-RPC error; its data carries code and fix. */
function toProtocolError(error: unknown): unknown {
  if (error instanceof ProtocolError) return error;
  const wire = incidentOf(error);
  if (wire) return new ProtocolError(ProtocolErrorCode.InternalError, wire.message, wire);
  if (!(error instanceof AerostackError)) return error;
  return new ProtocolError(ProtocolErrorCode.InvalidParams, error.message, {
    code: error.code,
    ...(error.fix ? { fix: error.fix } : {}),
  });
}

type AccountContext = Omit<ToolContext, "progress">;

/** The Aerostack MCP server for one request of one account: the maps, registered. */
export function buildServer(account: AccountContext): Server {
  const server = new Server(
    { name: "aerostack", title: "Aerostack", version },
    {
      instructions,
      capabilities: { tools: {}, resources: {}, prompts: {} },
      cacheHints: {
        "tools/list": listHint,
        "prompts/list": listHint,
        "resources/templates/list": listHint,
        "server/discover": listHint,
      },
    },
  );
  server.setRequestHandler("tools/list", () => {
    wireTools ??= Object.values(tools).map(toWireTool);
    return { tools: wireTools };
  });
  server.setRequestHandler("tools/call", async ({ params }, context) => {
    const tool = Object.hasOwn(tools, params.name) ? tools[params.name] : undefined;
    if (!tool) {
      const near = nearest(params.name, Object.keys(tools));
      throw invalid(`Unknown tool: ${params.name}.${near ? ` Did you mean ${near}?` : ""}`);
    }
    return callTool(tool, { ...account, progress: progressOf(context) }, params.arguments);
  });
  registerResources(server, account);
  registerPrompts(server);
  return server;
}

function registerResources(server: Server, account: AccountContext): void {
  server.setRequestHandler("resources/list", () => ({ resources: listResources() }));
  server.setRequestHandler("resources/templates/list", () => ({ resourceTemplates }));
  server.setRequestHandler("resources/read", async ({ params }) => {
    try {
      const content = await readResource(account, params.uri);
      if (!content) throw new ResourceNotFoundError(params.uri);
      return { contents: [{ uri: params.uri, ...content }] };
    } catch (error) {
      throw toProtocolError(error);
    }
  });
}

function registerPrompts(server: Server): void {
  server.setRequestHandler("prompts/list", () => ({
    prompts: Object.values(prompts).map(({ name, title, description, arguments: list }) => ({
      name,
      title,
      description,
      arguments: [...list],
    })),
  }));
  server.setRequestHandler("prompts/get", ({ params }) => {
    const prompt = Object.hasOwn(prompts, params.name) ? prompts[params.name] : undefined;
    if (!prompt) throw invalid(`Unknown prompt: ${params.name}.`);
    const given = params.arguments ?? {};
    const missing = prompt.arguments.filter((one) => one.required && !given[one.name]);
    if (missing.length > 0) {
      throw invalid(`${params.name} needs ${missing.map((one) => one.name).join(", ")}.`);
    }
    return {
      description: prompt.description,
      messages: [{ role: "user", content: { type: "text", text: prompt.text(given) } }],
    };
  });
}
