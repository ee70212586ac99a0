import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from "@modelcontextprotocol/client";
import { Client as OlderClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as OlderTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { type RunningServer, startServer } from "#edge/local/server";

/** A workspace as people use it: with programs that others wrote, each started as its manual says. */

let server: RunningServer;
let folder: string;
let upstream: ChildProcess;
let url: string;
let token: string;

const modulePath = createRequire(import.meta.url).resolve;
const hello = { type: "text", text: "Echo: hello" };
const echo = { name: "ev__echo", arguments: { message: "hello" } };

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

/** Nothing of the machine's own accounts and settings: the programs keep state in the home. */
const environment = () => ({ PATH: process.env["PATH"] ?? "", HOME: folder });

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "aerostack-clients-"));
  const port = await freePort();
  const entry = modulePath("@modelcontextprotocol/server-everything/dist/index.js");
  const env = { ...process.env, PORT: String(port) };
  upstream = spawn(process.execPath, [entry, "streamableHttp"], { env, stdio: "ignore" });
  const upstreamUrl = `http://127.0.0.1:${port}/mcp`;
  await vi.waitUntil(async () => fetch(upstreamUrl).catch(() => undefined), { timeout: 20_000 });
  server = await startServer({
    dataFolder: path.join(folder, "data"),
    allowHosts: "127.0.0.1:*",
  });
  const agent = new ModernClient({ name: "agent", version: "1" });
  const requestInit = { headers: { Authorization: `Bearer ${server.accountKey}` } };
  await agent.connect(new ModernTransport(new URL(`${server.url}/mcp`), { requestInit }));
  const call = async (name: string, input: Record<string, unknown>) => {
    const result = await agent.callTool({ name, arguments: input });
    expect(result.isError, JSON.stringify(result.content)).not.toBe(true);
    return result.structuredContent as Record<string, unknown>;
  };
  await call("create_workspace", { slug: "echoes", name: "Echoes" });
  await call("connect_mcp", { workspace: "echoes", alias: "ev", url: upstreamUrl });
  const issued = await call("issue_token", { workspace: "echoes", member: "ada", inline: true });
  token = String(issued["token"]);
  url = String(issued["gateway_url"]);
  await agent.close();
});

afterAll(async () => {
  upstream?.kill("SIGKILL");
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("MCP Inspector, command line", () => {
  const inspect = promisify(execFile);
  const entry = path.join(
    path.dirname(modulePath("@modelcontextprotocol/inspector/package.json")),
    "clients/launcher/build/index.js",
  );
  const run = async (words: readonly string[], credential = token) => {
    const header = `Authorization: Bearer ${credential}`;
    const line = [entry, "--cli", url, "--transport", "http", ...words, "--header", header];
    return inspect(process.execPath, line, { env: environment(), cwd: folder });
  };

  it("lists the tools, and finds no schema that a client would refuse", async () => {
    const { stdout } = await run(["--method", "tools/list", "--strict"]);
    const { tools } = JSON.parse(stdout) as { tools: { name: string }[] };
    expect(tools.map(({ name }) => name)).toContain("ev__echo");
  });

  it("calls a tool", async () => {
    const words = ["--method", "tools/call", "--tool-name", echo.name, "--tool-arg"];
    const { stdout } = await run([...words, "message=hello"]);
    expect((JSON.parse(stdout) as { content: unknown }).content).toEqual([hello]);
  });

  it("is refused with another token", async () => {
    const refused = run(["--method", "tools/list"], `${token}x`);
    await expect(refused).rejects.toMatchObject({
      code: 3,
      stderr: expect.stringContaining("auth_required") as string,
    });
  });
});

it("mcp-remote bridges a program that speaks stdio only, with the token in a header", async () => {
  const client = new OlderClient({ name: "desktop", version: "1" });
  const entry = path.join(path.dirname(modulePath("mcp-remote/package.json")), "dist/proxy.js");
  // As client_config writes it for Claude Desktop: the header's value comes from the environment.
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [entry, url, "--header", "Authorization:${AUTH_HEADER}"],
    env: { ...environment(), AUTH_HEADER: `Bearer ${token}` },
    stderr: "ignore",
  });
  onTestFinished(() => client.close());
  await client.connect(transport);
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toContain(echo.name);
  expect((await client.callTool(echo)).content).toEqual([hello]);
});

it("the SDK's first generation lists and calls", async () => {
  const client = new OlderClient({ name: "first", version: "1" });
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  onTestFinished(() => client.close());
  await client.connect(new OlderTransport(new URL(url), { requestInit }));
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toContain(echo.name);
  expect((await client.callTool(echo)).content).toEqual([hello]);
});

it.each(["legacy", "auto"] as const)(
  "the SDK's second generation lists and calls, %s",
  async (mode) => {
    const versionNegotiation = { mode };
    const client = new ModernClient({ name: "second", version: "1" }, { versionNegotiation });
    const requestInit = { headers: { Authorization: `Bearer ${token}` } };
    onTestFinished(() => client.close());
    await client.connect(new ModernTransport(new URL(url), { requestInit }));
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain(echo.name);
    expect((await client.callTool(echo)).content).toEqual([hello]);
  },
);
