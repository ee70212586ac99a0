import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Client, StreamableHTTPClientTransport, type Tool } from "@modelcontextprotocol/client";
import { enterSecret, signInForLink } from "./sign-in.fixture.ts";

interface Scenario {
  readonly url: string;
  readonly scenario: string;
  readonly context: {
    readonly toolCalls?: readonly ToolCall[];
    /** Of a client that was registered by hand. */
    readonly client_id?: string;
    readonly client_secret?: string;
  };
}

interface ToolCall {
  readonly name: string;
  readonly arguments?: Record<string, unknown>;
}

interface Platform {
  readonly url: string;
  readonly accountKey: string;
}

/**
 * The gateway in the role of a client. Each scenario's server is linked to a workspace of its own, a
 * person signs in where that is wanted, and an agent does at the workspace's URL what is waited for.
 */
export async function startDriver(platform: Platform) {
  const http = createServer((request, response) => {
    text(request)
      .then((body) => play(platform, JSON.parse(body) as Scenario))
      .then(
        (log) => response.writeHead(200).end(log),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    stop: async () => {
      http.closeAllConnections();
      http.close();
      await once(http, "close");
    },
  };
}

async function play(platform: Platform, { url, scenario, context }: Scenario): Promise<string> {
  const log: string[] = [];
  const agent = await connect(`${platform.url}/mcp`, platform.accountKey);
  const workspace = `c-${randomUUID().slice(0, 8)}`;
  await manage(agent, "create_workspace", { slug: workspace });
  const { client_id: id, client_secret: secret } = context;
  const registered = id === undefined ? {} : { client: { id, secret: "CLIENT_SECRET" } };
  const auth = scenario.startsWith("auth/") ? { type: "oauth", ...registered } : { type: "none" };
  const linking = { workspace, alias: "", url, auth };
  // A server may want another sign-in once it was reached: for more scope, or somewhere else.
  for (let attempt = 0; attempt < 3; attempt++) {
    const linked = await manage(agent, "connect_mcp", linking);
    log.push(JSON.stringify(linked));
    const enter = (linked["secret"] as { enter_url: string } | undefined)?.enter_url;
    if (enter !== undefined) await enterSecret(enter, secret ?? "");
    const page = linked["connect_url"] ?? linkIn(linked["problem"]);
    if (typeof page !== "string") break;
    log.push(await signInForLink(page, platform.accountKey));
  }
  const member = await manage(agent, "issue_token", { workspace, member: "suite", inline: true });
  const client = await connect(`${platform.url}/ws/${workspace}`, String(member["token"]));
  const { tools } = await client.listTools();
  for (const call of context.toolCalls ?? tools.map(toCall)) {
    const result = await client.callTool(call).catch((error: unknown) => String(error));
    log.push(JSON.stringify(result));
    const again = linkIn(JSON.stringify(result));
    if (again === undefined) continue;
    log.push(await signInForLink(again, platform.accountKey));
    log.push(JSON.stringify(await client.callTool(call)));
  }
  await client.close();
  await agent.close();
  return log.join("\n");
}

async function connect(url: string, credential: string): Promise<Client> {
  const client = new Client(
    { name: "conformance", version: "1.0.0" },
    {
      versionNegotiation: { mode: "auto" },
      capabilities: { elicitation: { form: { applyDefaults: true } }, sampling: {}, roots: {} },
    },
  );
  client.setRequestHandler("elicitation/create", () => ({ action: "accept", content: {} }));
  client.setRequestHandler("roots/list", () => ({ roots: [] }));
  const requestInit = { headers: { Authorization: `Bearer ${credential}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  return client;
}

async function manage(agent: Client, name: string, input: Record<string, unknown>) {
  const result = await agent.callTool({ name, arguments: input });
  if (result.isError) throw new Error(JSON.stringify(result.content));
  return result.structuredContent as Record<string, unknown>;
}

/** The page where a person connects, in what a caller was told. */
function linkIn(said: unknown): string | undefined {
  return typeof said === "string" ? /https?:\/\/[^\s"]+\/go\/[\w-]+/.exec(said)?.[0] : undefined;
}

function toCall({ name, inputSchema }: Tool): ToolCall {
  return { name, arguments: name === "add_numbers" ? { a: 5, b: 3 } : argumentsFor(inputSchema) };
}

function argumentsFor(schema: Tool["inputSchema"]): Record<string, unknown> {
  const properties = (schema.properties ?? {}) as Record<string, { type?: string }>;
  const values: Record<string, unknown> = { string: "text", number: 1, integer: 1, boolean: true };
  return Object.fromEntries(
    Object.entries(properties).map(([name, { type = "string" }]) => [name, values[type] ?? "text"]),
  );
}
