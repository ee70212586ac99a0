/** The module `aerostack` that hosted MCP servers import: a stateless server for both protocol eras. */
export interface ToolContext {
  /** Handles by name; put one where the value belongs, the egress swaps it. */
  readonly secrets: Record<string, string>;
  log(...parts: unknown[]): void;
}

export interface ServerTool {
  readonly title?: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly input?: Record<string, unknown>;
  readonly output?: Record<string, unknown>;
  readonly annotations?: Record<string, boolean | string>;
  /** A string or a CallToolResult goes out as it is; any other value as structured content and its JSON. */
  run(input: never, context: ToolContext): unknown;
}

export interface ServerDefinition {
  readonly name: string;
  readonly version: string;
  readonly instructions?: string;
  readonly tools: Record<string, ServerTool>;
}

interface Message {
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
}

const modern = "2026-07-28";
const eras = ["2025-11-25", "2025-06-18", "2025-03-26"];

/** An object whose `fetch` speaks MCP over Streamable HTTP. */
export function defineServer(definition: ServerDefinition) {
  return {
    async fetch(request: Request, context: ToolContext): Promise<Response> {
      if (request.method !== "POST") {
        return Response.json(failure(null, -32000, "Method not allowed."), { status: 405 });
      }
      const message = await request.json<Message>().catch(() => undefined);
      if (!message || typeof message !== "object" || Array.isArray(message) || !message.method) {
        return Response.json(failure(null, -32700, "Not a JSON-RPC message."), { status: 400 });
      }
      if (message.id === undefined) return new Response(null, { status: 202 });
      const answer = await handle(definition, message, context);
      const unknown = "error" in answer && answer.error.code === -32601 && isModern(message);
      return Response.json(answer, { status: unknown ? 404 : 200 });
    },
  };
}

function isModern(message: Message): boolean {
  const meta = message.params?.["_meta"] as Record<string, unknown> | undefined;
  return meta?.["io.modelcontextprotocol/protocolVersion"] !== undefined;
}

async function handle(definition: ServerDefinition, message: Message, context: ToolContext) {
  const id = message.id ?? null;
  const { name, version, instructions } = definition;
  const info = instructions === undefined ? {} : { instructions };
  const cache = isModern(message) ? { ttlMs: 60_000, cacheScope: "public" } : {};
  const wrap = (result: object) => ({
    jsonrpc: "2.0" as const,
    id,
    result: isModern(message)
      ? {
          resultType: "complete",
          ...result,
          _meta: { "io.modelcontextprotocol/serverInfo": { name, version } },
        }
      : result,
  });
  switch (message.method ?? "") {
    case "initialize": {
      const wanted = String(message.params?.["protocolVersion"]);
      return wrap({
        protocolVersion: eras.includes(wanted) ? wanted : eras[0],
        capabilities: { tools: {} },
        serverInfo: { name, version },
        ...info,
      });
    }
    case "server/discover":
      return wrap({
        supportedVersions: [modern, ...eras],
        capabilities: { tools: {} },
        ...info,
        ...cache,
      });
    case "ping":
      return wrap({});
    case "tools/list":
      return wrap({ tools: Object.entries(definition.tools).map(describeTool), ...cache });
    case "tools/call": {
      const called = definition.tools[String(message.params?.["name"])];
      if (!called) return failure(id, -32602, `Unknown tool: ${String(message.params?.["name"])}`);
      return wrap(await callTool(called, message.params?.["arguments"] ?? {}, context));
    }
    default:
      return failure(id, -32601, `Method not found: ${message.method}`);
  }
}

function describeTool([name, tool]: [string, ServerTool]) {
  return {
    name,
    ...(tool.title ? { title: tool.title } : {}),
    description: tool.description,
    inputSchema: { type: "object", ...tool.input },
    ...(tool.output ? { outputSchema: tool.output } : {}),
    ...(tool.annotations ? { annotations: tool.annotations } : {}),
  };
}

async function callTool(tool: ServerTool, input: unknown, context: ToolContext): Promise<object> {
  const problem = missingArgument(tool, input);
  if (problem) return text(problem, true);
  try {
    const output: unknown = await tool.run(input as never, context);
    if (typeof output === "string") return text(output, false);
    if (isToolResult(output)) return output;
    const structured =
      typeof output === "object" && output !== null && !Array.isArray(output) ? output : undefined;
    return {
      ...text(JSON.stringify(output) ?? "", false),
      ...(structured ? { structuredContent: structured } : {}),
    };
  } catch (error) {
    return text(error instanceof Error ? error.message : String(error), true);
  }
}

/** Arguments that are required but absent, unknown where that is forbidden, or of another type. */
function missingArgument(tool: ServerTool, input: unknown): string | undefined {
  if (typeof input !== "object" || input === null || Array.isArray(input))
    return "The arguments are not an object.";
  const values = input as Record<string, unknown>;
  const properties = (tool.input?.["properties"] ?? {}) as Record<string, { type?: unknown }>;
  for (const name of (tool.input?.["required"] ?? []) as string[])
    if (values[name] === undefined) return `The argument "${name}" is required.`;
  for (const [name, value] of Object.entries(values)) {
    const property = properties[name];
    if (!property && tool.input?.["additionalProperties"] === false)
      return `There is no argument "${name}".`;
    const type = property?.type;
    if (typeof type === "string" && !isOfType(value, type))
      return `The argument "${name}" must be of type ${type}.`;
  }
  return undefined;
}

function isOfType(value: unknown, type: string): boolean {
  if (type === "integer") return Number.isInteger(value);
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object")
    return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === type;
}

function isToolResult(output: unknown): output is object {
  return (
    typeof output === "object" &&
    output !== null &&
    "content" in output &&
    Array.isArray(output.content)
  );
}

function text(value: string, isError: boolean) {
  return { content: [{ type: "text", text: value }], ...(isError ? { isError } : {}) };
}

function failure(id: Message["id"], code: number, message: string) {
  return { jsonrpc: "2.0" as const, id: id ?? null, error: { code, message } };
}
