import { exports } from "cloudflare:workers";
import { createMcpHandler, type McpRequestContext, Server } from "@modelcontextprotocol/server";
import { vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import type { AccountActor } from "#edge/identity/actor";
import { createAccount } from "#edge/identity/accounts";
import { testServices } from "#edge/identity/services.fixture";
import { createWorkspace } from "./directory.ts";
import { type WorkspaceStub, workspaceStub } from "./stub.ts";
import type { TokenRequest, WorkspaceIdentity } from "./workspace-api.ts";

export const services = testServices();
const operator: AccountActor = {
  kind: "account",
  accountId: "acc_operator",
  name: "operator",
  operator: true,
};
let made = 0;

export interface Place {
  readonly identity: WorkspaceIdentity;
  readonly stub: WorkspaceStub;
  readonly owner: AccountActor;
  readonly ownerKey: string;
  token(request?: Partial<TokenRequest>): Promise<{ id: string; token: string }>;
}

/** A workspace of an account of its own. */
export async function place(): Promise<Place> {
  const name = `owner-${Date.now().toString(36)}-${++made}`;
  const { accountId, key } = await createAccount(services, operator, { name });
  const owner: AccountActor = { kind: "account", accountId, name, operator: false };
  const identity = await createWorkspace(services, owner, { slug: `s-${name}`, name: "Test" });
  const stub = workspaceStub(services.env, identity.id);
  return {
    identity,
    stub,
    owner,
    ownerKey: key,
    token: async (request = {}) =>
      unwrap(await stub.issueToken({ member: "ada", role: "developer", ...request })),
  };
}

const accept = "application/json, text/event-stream";

/** One JSON-RPC request over HTTP as a client of the initialize era sends it. */
export async function post(
  where: Place | string,
  token: string | undefined,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  const slug = typeof where === "string" ? where : where.identity.slug;
  return exports.default.fetch(`https://aerostack.test/ws/${slug}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

export function rpc(method: string, params: Record<string, unknown> = {}, id: string | number = 1) {
  return { jsonrpc: "2.0", id, method, params };
}

export const modernHeaders = (method: string, name?: string) => ({
  "mcp-protocol-version": "2026-07-28",
  "mcp-method": method,
  ...(name === undefined ? {} : { "mcp-name": name }),
});

export function modern(method: string, params: Record<string, unknown> = {}) {
  const prefix = "io.modelcontextprotocol";
  return rpc(method, {
    ...params,
    _meta: {
      [`${prefix}/protocolVersion`]: "2026-07-28",
      [`${prefix}/clientInfo`]: { name: "test", version: "1" },
      [`${prefix}/clientCapabilities`]: {},
    },
  });
}

/** What came over the fake network, newest last. */
export interface Seen {
  readonly requests: { url: string; headers: Headers; body: string }[];
}

/**
 * The network, at the wire: hosts and what answers for them. A host that is not named fails like a
 * closed port. Undone by `vi.restoreAllMocks()`.
 */
export function network(hosts: Record<string, (request: Request) => Promise<Response>>): Seen {
  const seen: Seen = { requests: [] };
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    const body = await request.clone().text();
    seen.requests.push({ url: request.url, headers: request.headers, body });
    const answer = hosts[new URL(request.url).host];
    if (!answer) throw new TypeError("connection refused");
    const response = await answer(request);
    const location = response.headers.get("location");
    // As the real one does for whoever forgets to say that nothing is followed.
    const isFollowed = request.redirect === "follow" && Math.trunc(response.status / 100) === 3;
    return isFollowed && location ? fetch(new URL(location, request.url)) : response;
  });
  return seen;
}

type ToolHandler = (input: Record<string, unknown>, context: McpRequestContext) => unknown;

/** A real MCP server of the SDK, both eras, with tools that echo what they were given. */
export function echoServer(legacy: "stateless" | "reject" = "stateless") {
  const tools: Record<string, ToolHandler> = {
    echo: (input) => ({ content: [{ type: "text", text: JSON.stringify(input) }] }),
    leak: (_input, { requestInfo }) => {
      const value = requestInfo?.headers.get("authorization") ?? "";
      const secret = value.replace("Bearer ", "");
      const text = [value, btoa(value), btoa(`x${value}`), encodeURIComponent(secret)].join("\n");
      return {
        content: [{ type: "text", text: `${text}\n${JSON.stringify(secret)}` }],
        structuredContent: { [secret]: { deep: [secret] } },
      };
    },
    refuse: (_input, { requestInfo }) => {
      throw new Error(`bad credential ${requestInfo?.headers.get("authorization")}`);
    },
    "drop.all": () => ({ content: [{ type: "text", text: "dropped" }], isError: true }),
  };
  return createMcpHandler(
    (context) => {
      const server = new Server({ name: "echo", version: "1" }, { capabilities: { tools: {} } });
      server.setRequestHandler("tools/list", () => ({
        tools: Object.keys(tools).map((name) => ({
          name,
          description: `The tool ${name}.`,
          inputSchema: { type: "object" as const },
          annotations: { readOnlyHint: name === "echo" },
        })),
      }));
      server.setRequestHandler("tools/call", ({ params }) => {
        const tool = tools[params.name];
        if (!tool) throw new Error("no such tool");
        return tool(params.arguments ?? {}, context) as never;
      });
      return server;
    },
    { legacy },
  );
}
