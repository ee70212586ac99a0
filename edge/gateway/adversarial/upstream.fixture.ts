import type { Tool } from "@modelcontextprotocol/client";
import { unwrap } from "#blueprints/outcome";
import { network, place, type Place, post, rpc } from "#edge/gateway/gateway.fixture";
import type { LinkState, McpLink } from "#edge/gateway/workspace-api";

/** One message as it came to the upstream, and the request that brought it. */
export interface Heard {
  readonly id: number;
  readonly method: string;
  readonly params: Record<string, unknown>;
  readonly request: Request;
}

export type Behaviour = (heard: Heard) => Response | Promise<Response>;

export const answer = ({ id }: Heard, result: unknown): Response =>
  Response.json({ jsonrpc: "2.0", id, result });

export const json = (text: BodyInit, headers: Record<string, string> = {}): Response =>
  new Response(text, { headers: { "content-type": "application/json", ...headers } });

export const events = (body: BodyInit): Response =>
  new Response(body, { headers: { "content-type": "text/event-stream" } });

export const event = (message: unknown): string => `data: ${JSON.stringify(message)}\n\n`;

export const text = (said: string) => ({ content: [{ type: "text", text: said }] });

export const plainTool = (name: string): Tool => ({ name, inputSchema: { type: "object" } });

/** Bytes that are made as they are read, and how many were. `chunk` undefined: the end. */
export function made(chunk: (count: number) => string | undefined) {
  const counted = { chunks: 0, cancelled: false };
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const next = chunk(counted.chunks++);
        if (next === undefined) controller.close();
        else controller.enqueue(encoder.encode(next));
      },
      cancel() {
        counted.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { body, counted };
}

/**
 * An upstream of the modern era at the wire that does as it likes: `methods` by name. It has the
 * tool `do`, unless it lists others.
 */
export function upstream(methods: Record<string, Behaviour>) {
  return async (request: Request): Promise<Response> => {
    const { id, method, params } = JSON.parse(await request.clone().text()) as Omit<
      Heard,
      "request"
    >;
    const heard = { id, method, params, request };
    const behaviour = methods[method];
    if (behaviour) return behaviour(heard);
    if (method === "server/discover") {
      const capabilities = { tools: {}, resources: {}, prompts: {}, completions: {} };
      return answer(heard, { supportedVersions: ["2026-07-28"], capabilities });
    }
    if (method === "tools/list") return answer(heard, { tools: [plainTool("do")] });
    return Response.json({ jsonrpc: "2.0", id, error: { code: -32601, message: "Unknown." } });
  };
}

export function link(where: Place, change: Partial<McpLink> = {}): Promise<LinkState> {
  const source = { kind: "external" as const, url: "https://up.example/mcp" };
  const wanted = { alias: "up", source, auth: { type: "none" as const }, ...change };
  return where.stub.linkMcp(wanted).then(unwrap);
}

/** A workspace with the upstream as `up` and a quiet neighbour as `two`, and a developer's token. */
export async function besides(methods: Record<string, Behaviour>, change: Partial<McpLink> = {}) {
  const quiet = upstream({ "tools/call": (heard) => answer(heard, text("fine")) });
  const seen = network({ "up.example": upstream(methods), "two.example": quiet });
  const where = await place();
  const source = { kind: "external" as const, url: "https://two.example/mcp" };
  await link(where, { alias: "two", source });
  const state = await link(where, change);
  const { token } = await where.token();
  return { where, state, token, seen };
}

export async function call(
  where: Place,
  token: string,
  name = "up__do",
  args: Record<string, unknown> = {},
): Promise<string> {
  return (await post(where, token, rpc("tools/call", { name, arguments: args }))).text();
}

export async function names(where: Place, token: string): Promise<string[]> {
  const listed = await post(where, token, rpc("tools/list"));
  const { result } = await listed.json<{ result: { tools: Tool[] } }>();
  return result.tools.map(({ name }) => name);
}
