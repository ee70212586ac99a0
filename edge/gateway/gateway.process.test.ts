import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from "@modelcontextprotocol/client";
import { Client as OlderClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OlderTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type RunningServer, startServer } from "#edge/local/server";

/** Real processes: the platform on workerd, `server-everything` (initialize era, with sessions). */

let server: RunningServer;
let dataFolder: string;
let upstream: ChildProcess;
let upstreamPort: number;
let token: string;

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

async function startUpstream(): Promise<void> {
  const entry = createRequire(import.meta.url).resolve(
    "@modelcontextprotocol/server-everything/dist/index.js",
  );
  const env = { ...process.env, PORT: String(upstreamPort) };
  upstream = spawn(process.execPath, [entry, "streamableHttp"], { env, stdio: "ignore" });
  const url = `http://127.0.0.1:${upstreamPort}/mcp`;
  await vi.waitUntil(async () => fetch(url).catch(() => undefined), { timeout: 20_000 });
}

async function stopUpstream(): Promise<void> {
  upstream.kill("SIGKILL");
  await once(upstream, "exit");
}

async function modernClient(url: string, credential: string): Promise<ModernClient> {
  const client = new ModernClient(
    { name: "modern", version: "1" },
    { versionNegotiation: { mode: "auto" } },
  );
  const requestInit = { headers: { Authorization: `Bearer ${credential}` } };
  await client.connect(new ModernTransport(new URL(url), { requestInit }));
  return client;
}

beforeAll(async () => {
  dataFolder = await mkdtemp(path.join(tmpdir(), "aerostack-gateway-"));
  upstreamPort = await freePort();
  await startUpstream();
  server = await startServer({ dataFolder, allowHosts: "127.0.0.1:*" });
  const agent = await modernClient(`${server.url}/mcp`, server.accountKey);
  const call = async (name: string, input: Record<string, unknown>) => {
    const result = await agent.callTool({ name, arguments: input });
    expect(result.isError, JSON.stringify(result.content)).not.toBe(true);
    return result.structuredContent as Record<string, unknown>;
  };
  await call("create_workspace", { slug: "every", name: "Every" });
  const url = `http://127.0.0.1:${upstreamPort}/mcp`;
  await call("connect_mcp", { workspace: "every", alias: "ev", url });
  const issued = await call("issue_token", { workspace: "every", member: "ada", inline: true });
  token = String(issued["token"]);
  await agent.close();
});

afterAll(async () => {
  await stopUpstream();
  await server?.stop();
  await rm(dataFolder, { recursive: true, force: true });
});

it("a client of the modern era gets tools, progress, resources and prompts of a legacy server", async () => {
  const client = await modernClient(`${server.url}/ws/every`, token);
  expect(client.getNegotiatedProtocolVersion()).toBe("2026-07-28");
  const heard: unknown[] = [];
  const slow = { name: "ev__trigger-long-running-operation", arguments: { duration: 1, steps: 3 } };
  await client.callTool(slow, { onprogress: (progress) => heard.push(progress) });
  expect(heard).toHaveLength(3);
  const weather = { name: "ev__get-structured-content", arguments: { location: "New York" } };
  expect((await client.callTool(weather)).structuredContent).toMatchObject({ humidity: 82 });
  const image = await client.callTool({ name: "ev__get-tiny-image", arguments: {} });
  expect(image.content).toContainEqual(expect.objectContaining({ type: "image" }));
  const { resources } = await client.listResources();
  expect((await client.readResource({ uri: resources[0]!.uri })).contents).toHaveLength(1);
  const { prompts } = await client.listPrompts();
  expect(prompts.map(({ name }) => name)).toContain("ev__simple-prompt");
  expect((await client.getPrompt({ name: "ev__simple-prompt" })).messages).toHaveLength(1);
  await client.close();
});

it("a client of the initialize era gets the same", async () => {
  const client = new OlderClient({ name: "older", version: "1" });
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  const transport = new OlderTransport(new URL(`${server.url}/ws/every`), { requestInit });
  await client.connect(transport);
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toContain("ev__echo");
  const result = await client.callTool({ name: "ev__echo", arguments: { message: "hi" } });
  expect(result.content).toEqual([{ type: "text", text: "Echo: hi" }]);
  await client.close();
});

it("an upstream that restarted, and forgot its sessions, is used again by the next call", async () => {
  const client = await modernClient(`${server.url}/ws/every`, token);
  const echo = { name: "ev__echo", arguments: { message: "again" } };
  await stopUpstream();
  expect((await client.callTool(echo)).isError).toBe(true);
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain("ev__echo");
  await startUpstream();
  expect((await client.callTool(echo)).content).toEqual([{ type: "text", text: "Echo: again" }]);
  await client.close();
});
