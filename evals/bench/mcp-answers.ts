export interface Message {
  readonly id?: number;
  readonly method: string;
  readonly params?: {
    readonly protocolVersion?: string;
    readonly arguments?: { readonly message?: string };
  };
}

const inputSchema = {
  type: "object",
  properties: { message: { type: "string", description: "Comes back as it is." } },
  required: ["message"],
};

/** What the cheapest MCP server there is answers: tools that give back their argument. */
export function answerOf({ method, params }: Message, tools: number): object {
  if (method === "initialize") {
    const { protocolVersion = "2025-11-25" } = params ?? {};
    const serverInfo = { name: "bench", version: "1" };
    return { result: { protocolVersion, capabilities: { tools: {} }, serverInfo } };
  }
  if (method === "tools/list") {
    const named = Array.from({ length: tools }, (_, at) => (at === 0 ? "echo" : `echo_${at}`));
    const listed = named.map((name) => ({
      name,
      description: "Answers what it got.",
      inputSchema,
    }));
    return { result: { tools: listed } };
  }
  if (method === "tools/call") {
    return { result: { content: [{ type: "text", text: params?.arguments?.message ?? "" }] } };
  }
  return { error: { code: -32601, message: "Method not found" } };
}
