import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { auth, Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { createMcpHandler, Server as McpServer } from "@modelcontextprotocol/server";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ProtectedServer } from "#edge/gateway/connections/issuer.fixture";
import { type RunningServer, startServer } from "#edge/local/server";
import { ClientMemory } from "./client-memory.fixture.ts";

/** Real processes and sockets: the platform on workerd, and a server with sign-in on Node. */

const page = { Accept: "text/html", "Sec-Fetch-Site": "same-origin" };
let server: RunningServer;
let dataFolder: string;
let upstream: ProtectedServer;
let upstreamServer: Server;

/** An MCP server that says in whose name it was called. */
const whoami = createMcpHandler(({ requestInfo }) => {
  const mcp = new McpServer({ name: "who", version: "1" }, { capabilities: { tools: {} } });
  mcp.setRequestHandler("tools/list", () => ({
    tools: [{ name: "whoami", inputSchema: { type: "object" as const } }],
  }));
  mcp.setRequestHandler("tools/call", () => ({
    content: [{ type: "text", text: requestInfo?.headers.get("authorization") ?? "nobody" }],
  }));
  return mcp;
});

async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const method = incoming.method ?? "GET";
  const body = method === "POST" ? { body: Buffer.concat(chunks) } : {};
  const headers = new Headers(incoming.headers as Record<string, string>);
  const url = `http://${incoming.headers.host}${incoming.url}`;
  const response = await upstream.fetch(new Request(url, { method, headers, ...body }));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}

async function agent() {
  const client = new Client({ name: "agent", version: "1" });
  const requestInit = { headers: { Authorization: `Bearer ${server.accountKey}` } };
  const url = new URL(`${server.url}/mcp`);
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
  return async (name: string, input: Record<string, unknown>) => {
    const result = await client.callTool({ name, arguments: input });
    expect(result.isError, JSON.stringify(result.content)).not.toBe(true);
    return result.structuredContent as Record<string, unknown>;
  };
}

const post = (url: URL | string, fields: Record<string, string>, cookie = "") =>
  fetch(url, {
    method: "POST",
    headers: { ...page, ...(cookie ? { Cookie: cookie } : {}) },
    body: new URLSearchParams(fields),
  });
const cookiesOf = (response: Response) =>
  response.headers
    .getSetCookie()
    .map((one) => one.split(";", 1)[0])
    .join("; ");
const nextOf = (response: Response) =>
  new URL(/url=(.*)$/.exec(response.headers.get("Refresh") ?? "")?.[1] ?? "about:blank");

async function letIn(serverUrl: URL): Promise<ClientMemory> {
  const memory = new ClientMemory();
  expect(await auth(memory, { serverUrl })).toBe("REDIRECT");
  const asked = memory.authorizationUrl!;
  const shown = await post(asked, { credential: server.accountKey });
  const html = await shown.text();
  const field = (name: string) =>
    new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? "";
  const form = { handle: field("handle"), proof: field("proof"), decision: "allow" };
  const back = nextOf(await post(asked, form, cookiesOf(shown))).searchParams;
  const authorizationCode = back.get("code") ?? "";
  await auth(memory, { serverUrl, authorizationCode, iss: back.get("iss") ?? "" });
  return memory;
}

async function toolsOf(serverUrl: URL, authProvider: ClientMemory): Promise<string[]> {
  const client = new Client({ name: "t", version: "1" });
  await client.connect(new StreamableHTTPClientTransport(serverUrl, { authProvider }));
  const { tools } = await client.listTools();
  await client.close();
  return tools.map(({ name }) => name);
}

beforeAll(async () => {
  dataFolder = await mkdtemp(path.join(tmpdir(), "aerostack-oauth-"));
  upstreamServer = createServer((incoming, outgoing) => void pass(incoming, outgoing));
  upstreamServer.listen(0, "127.0.0.1");
  await once(upstreamServer, "listening");
  const base = `http://127.0.0.1:${(upstreamServer.address() as AddressInfo).port}`;
  upstream = new ProtectedServer(`${base}/mcp`, `${base}/login`, (request) =>
    whoami.fetch(request),
  );
  server = await startServer({ dataFolder, allowHosts: "127.0.0.1:*" });
  await (
    await agent()
  )("create_workspace", { slug: "signed", name: "Signed" });
});

afterAll(async () => {
  await server?.stop();
  upstreamServer.close();
  await rm(dataFolder, { recursive: true, force: true });
});

it("a person connects a server that wants OAuth, and its tools work, refresh included", async () => {
  const call = await agent();
  const linked = await call("connect_mcp", {
    workspace: "signed",
    alias: "up",
    url: upstream.resource,
    auth: { type: "oauth" },
  });
  expect(linked).toMatchObject({ state: "needs-connection" });
  const went = await post(String(linked["connect_url"]), { credential: server.accountKey });
  const signedIn = await fetch(nextOf(went), { redirect: "manual" });
  const back = signedIn.headers.get("location") ?? "";
  const ended = await fetch(back, { headers: { ...page, Cookie: cookiesOf(went) } });
  expect(await ended.text()).toContain("Connected");
  const invoke = async () => {
    const memory = await letIn(new URL(`${server.url}/ws/signed/oauth`));
    const client = new Client({ name: "t", version: "1" });
    const url = new URL(`${server.url}/ws/signed/oauth`);
    await client.connect(new StreamableHTTPClientTransport(url, { authProvider: memory }));
    const result = await client.callTool({ name: "up__whoami", arguments: {} });
    await client.close();
    return result.content;
  };
  const grace = [{ type: "text", text: "Bearer grace@upstream" }];
  expect(await invoke()).toEqual(grace);
  upstream.forget();
  expect(await invoke()).toEqual(grace);
});

it("what a client was let into, and what was connected, outlives a restart", async () => {
  const port = Number(new URL(server.url).port);
  const places = [`${server.url}/ws/signed/oauth`, `${server.url}/mcp/oauth`];
  const memories = await Promise.all(places.map((one) => letIn(new URL(one))));
  await server.stop();
  server = await startServer({ dataFolder, allowHosts: "127.0.0.1:*", port });
  const [tools, own] = await Promise.all(
    places.map((one, index) => toolsOf(new URL(one), memories[index]!)),
  );
  expect(tools).toContain("up__whoami");
  expect(own).toContain("create_workspace");
});
