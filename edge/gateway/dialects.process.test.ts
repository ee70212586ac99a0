import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { type RunningServer, startServer } from "#edge/local/server";
import { startVendor, type Vendor, type Wish } from "./vendors.fixture.ts";

/**
 * The loop of a program that has a model and no MCP, with the vendor's own SDK: tools from the
 * workspace into the request, the model's calls to the workspace, the results back to the model.
 */

let server: RunningServer;
let dataFolder: string;
let upstream: ChildProcess;
let vendor: Vendor;
let agent: Client;
let token: string;

const wishes: Wish[] = [
  { tool: /^ev__get[-_]sum/, arguments: { a: 19, b: 23 } },
  { tool: /^ev__echo/, arguments: { message: "hello" } },
  { tool: /^no such tool/, arguments: {} },
];

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

async function call(name: string, input: Record<string, unknown>) {
  const result = await agent.callTool({ name, arguments: input });
  expect(result.isError, JSON.stringify(result.content)).not.toBe(true);
  return result.structuredContent as Record<string, unknown>;
}

beforeAll(async () => {
  const port = await freePort();
  const entry = createRequire(import.meta.url).resolve(
    "@modelcontextprotocol/server-everything/dist/index.js",
  );
  const env = { ...process.env, PORT: String(port) };
  upstream = spawn(process.execPath, [entry, "streamableHttp"], { env, stdio: "ignore" });
  const url = `http://127.0.0.1:${port}/mcp`;
  await vi.waitUntil(async () => fetch(url).catch(() => undefined), { timeout: 20_000 });
  vendor = await startVendor(wishes);
  dataFolder = await mkdtemp(path.join(tmpdir(), "aerostack-dialects-"));
  server = await startServer({ dataFolder, allowHosts: "127.0.0.1:*" });
  agent = new Client({ name: "agent", version: "1" });
  const headers = { Authorization: `Bearer ${server.accountKey}` };
  const transport = new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), {
    requestInit: { headers },
  });
  await agent.connect(transport);
  await call("create_workspace", { slug: "programs", name: "Programs" });
  await call("connect_mcp", { workspace: "programs", alias: "ev", url });
  const issued = await call("issue_token", { workspace: "programs", member: "bot", inline: true });
  token = String(issued["token"]);
});

beforeEach(() => {
  vendor.bodies.length = 0;
});

afterAll(async () => {
  await agent?.close();
  upstream.kill("SIGKILL");
  vendor?.server.closeAllConnections();
  vendor?.server.close();
  await server?.stop();
  await rm(dataFolder, { recursive: true, force: true });
});

async function listTools<T>(query: string): Promise<T[]> {
  const response = await fetch(`${server.url}/ws/programs/tools?${query}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(response.status).toBe(200);
  const { tools } = await response.json<{ tools: T[] }>();
  expect(tools.length).toBeGreaterThan(5);
  return tools;
}

async function callTools<T>(dialect: string, calls: readonly unknown[]): Promise<T[]> {
  const response = await fetch(`${server.url}/ws/programs/calls?dialect=${dialect}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "user-agent": `my-${dialect}-program`,
    },
    body: JSON.stringify({ calls }),
  });
  expect(response.status).toBe(200);
  return (await response.json<{ results: T[] }>()).results;
}

/** What the model said in the end, and that the log names the tools and the program. */
async function expectDone(dialect: string, text: string | null | undefined): Promise<void> {
  expect(text).toContain("The sum of 19 and 23 is 42.");
  expect(text).toContain("Echo: hello");
  expect(text).toContain("Unknown tool: made_up");
  const { calls } = await call("call_log", { workspace: "programs", limit: 3 });
  const rows = calls as { tool: string; outcome: string; client: string; member: string }[];
  expect(rows.map(({ tool, outcome }) => `${tool} ${outcome}`).sort()).toEqual([
    "ev__echo ok",
    "ev__get-sum ok",
    "made_up denied",
  ]);
  expect(new Set(rows.map(({ client }) => client))).toEqual(new Set([`my-${dialect}-program`]));
  expect(vendor.bodies).toHaveLength(2);
}

it("OpenAI's SDK, Responses API: tools, three calls at once, results", async () => {
  const openai = new OpenAI({ apiKey: "none", baseURL: `${vendor.url}/v1`, maxRetries: 0 });
  const tools = await listTools<OpenAI.Responses.Tool>("dialect=openai");
  const input: OpenAI.Responses.ResponseInput = [{ role: "user", content: "Add 19 and 23." }];
  const first = await openai.responses.create({ model: "model", tools, input });
  const calls = first.output.filter((item) => item.type === "function_call");
  const results = await callTools<OpenAI.Responses.ResponseInputItem.FunctionCallOutput>(
    "openai",
    calls,
  );
  const second = await openai.responses.create({
    model: "model",
    tools,
    input: [...input, ...calls, ...results],
  });
  await expectDone("openai", second.output_text);
});

it("OpenAI's SDK, chat completions: tools, three calls at once, results", async () => {
  const openai = new OpenAI({ apiKey: "none", baseURL: `${vendor.url}/v1`, maxRetries: 0 });
  const query = "dialect=openai&variant=chat";
  const tools = await listTools<OpenAI.Chat.Completions.ChatCompletionTool>(query);
  const user = { role: "user" as const, content: "Add 19 and 23." };
  const first = await openai.chat.completions.create({ model: "model", tools, messages: [user] });
  const asked = first.choices[0]!.message;
  const results = await callTools<OpenAI.Chat.Completions.ChatCompletionToolMessageParam>(
    "openai",
    asked.tool_calls ?? [],
  );
  const messages = [user, asked, ...results];
  const second = await openai.chat.completions.create({ model: "model", tools, messages });
  await expectDone("openai", second.choices[0]?.message.content);
});

it("Anthropic's SDK: tools, three calls at once, results", async () => {
  const anthropic = new Anthropic({ apiKey: "none", baseURL: vendor.url, maxRetries: 0 });
  const tools = await listTools<Anthropic.Tool>("dialect=anthropic");
  const user = { role: "user" as const, content: "Add 19 and 23." };
  const common = { model: "model", max_tokens: 100, tools };
  const first = await anthropic.messages.create({ ...common, messages: [user] });
  const calls = first.content.filter((block) => block.type === "tool_use");
  const content = await callTools<Anthropic.ToolResultBlockParam>("anthropic", calls);
  const second = await anthropic.messages.create({
    ...common,
    messages: [user, { role: "assistant", content: first.content }, { role: "user", content }],
  });
  const [block] = second.content;
  await expectDone("anthropic", block?.type === "text" ? block.text : undefined);
});

it("Google's SDK: tools, three calls at once, results", async () => {
  const google = new GoogleGenAI({ apiKey: "none", httpOptions: { baseUrl: vendor.url } });
  const functionDeclarations = await listTools<{ name: string }>("dialect=gemini");
  const config = { tools: [{ functionDeclarations }] };
  const user = { role: "user", parts: [{ text: "Add 19 and 23." }] };
  const first = await google.models.generateContent({ model: "m", contents: [user], config });
  const calls = first.functionCalls ?? [];
  const parts = await callTools<{ functionResponse: { name: string } }>("gemini", calls);
  const asked = first.candidates?.[0]?.content ?? {};
  const contents = [user, asked, { role: "user", parts }];
  const second = await google.models.generateContent({ model: "m", contents, config });
  await expectDone("gemini", second.text);
});

it("code runs in the sandbox process and reaches the tools, which are logged", async () => {
  const client = new Client({ name: "coder", version: "1" });
  const url = new URL(`${server.url}/ws/programs?tools=code`);
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
  const code = `
    const sums: string[] = await Promise.all(
      [1, 2, 3].map((n) => tools["ev__get-sum"]({ a: n, b: 10 })),
    );
    const { humidity } = await tools["ev__get-structured-content"]({ location: "New York" });
    return { sums, humidity };`;
  const result = await client.callTool({ name: "run_code", arguments: { code } });
  expect(result.structuredContent).toEqual({
    result: {
      sums: [11, 12, 13].map((sum, at) => `The sum of ${at + 1} and 10 is ${sum}.`),
      humidity: 82,
    },
  });
  await client.close();
  const { calls } = await call("call_log", { workspace: "programs", limit: 5 });
  const tools = (calls as { tool: string }[]).map(({ tool }) => tool).sort();
  const sum = "ev__get-sum";
  expect(tools).toEqual(["ev__get-structured-content", sum, sum, sum, "run_code"]);
  const usage = await call("usage", { workspace: "programs" });
  const { direct, search, code: asCode } = usage["tool_tokens"] as Record<string, number>;
  expect(search).toBeLessThan(Number(direct) / 2);
  expect(asCode).toBeLessThan(Number(direct));
});
