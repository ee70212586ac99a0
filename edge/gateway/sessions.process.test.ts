import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from "@modelcontextprotocol/client";
import { Client as OlderClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OlderTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema, ListRootsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type RunningServer, startServer } from "#edge/local/server";
import { OlderServers } from "./older-servers.fixture.ts";

/**
 * Real processes: upstreams of the initialize era that remember their client, over Streamable HTTP
 * (`st`) and over HTTP+SSE (`old`), with the official SDKs on both sides.
 */

let server: RunningServer;
let dataFolder: string;
let upstreams: OlderServers;
let agent: ModernClient;

async function manage(name: string, input: Record<string, unknown>) {
  const result = await agent.callTool({ name, arguments: input });
  expect(result.isError, JSON.stringify(result.content)).not.toBe(true);
  return result.structuredContent as Record<string, unknown>;
}

async function issue(member: string): Promise<{ id: string; token: string }> {
  const issued = await manage("issue_token", { workspace: "kept", member, inline: true });
  return { id: String(issued["token_id"]), token: String(issued["token"]) };
}

async function modern(token: string, capabilities: object = {}, url = `${server.url}/ws/kept`) {
  const client = new ModernClient(
    { name: "modern", version: "1" },
    { versionNegotiation: { mode: "auto" }, capabilities },
  );
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  await client.connect(new ModernTransport(new URL(url), { requestInit }));
  return client;
}

async function older(token: string, capabilities: object = {}) {
  const client = new OlderClient({ name: "older", version: "1" }, { capabilities });
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  await client.connect(new OlderTransport(new URL(`${server.url}/ws/kept`), { requestInit }));
  return client;
}

type Caller = Pick<ModernClient, "callTool"> | Pick<OlderClient, "callTool">;

async function said(client: Caller, name: string, input = {}): Promise<string> {
  const result = await client.callTool({ name, arguments: input });
  return (result.content as { text: string }[])[0]?.text ?? "";
}

/** Calls a tool that answers nothing; resolves once the upstream waits. */
async function hang(client: ModernClient, alias: string, signal?: AbortSignal) {
  const before = upstreams.hanging.length;
  const name = `${alias}__hang`;
  const call = client.callTool({ name, arguments: {} }, signal ? { signal } : {});
  const ended = call.then(
    (result) => JSON.stringify(result),
    (error: unknown) => String(error),
  );
  await vi.waitUntil(() => upstreams.hanging.length > before, { timeout: 20_000 });
  return { ended };
}

async function callsOf(member: string) {
  const { calls } = await manage("call_log", { workspace: "kept", member });
  return calls as { tool: string; outcome: string; error_code?: string }[];
}

beforeAll(async () => {
  dataFolder = await mkdtemp(path.join(tmpdir(), "aerostack-sessions-"));
  upstreams = await new OlderServers().start();
  server = await startServer({ dataFolder, allowHosts: "127.0.0.1:*" });
  agent = await modern(server.accountKey, {}, `${server.url}/mcp`);
  await manage("create_workspace", { slug: "kept", name: "Kept" });
  await manage("connect_mcp", { workspace: "kept", alias: "st", url: `${upstreams.url}/mcp` });
  await manage("connect_mcp", { workspace: "kept", alias: "old", url: `${upstreams.url}/sse` });
});

afterAll(async () => {
  await agent?.close();
  await server?.stop();
  await upstreams?.stop();
  await rm(dataFolder, { recursive: true, force: true });
});

it.each(["st", "old"])("what one token left at %s is not seen by another", async (alias) => {
  const [ada, bob] = [
    await modern((await issue("ada")).token),
    await older((await issue("bob")).token),
  ];
  expect(await said(ada, `${alias}__remember`, { value: "of ada" })).toBe("kept");
  expect(await said(bob, `${alias}__recall`)).toBe("nothing");
  expect(await said(ada, `${alias}__recall`)).toBe("of ada");
  await Promise.all([ada.close(), bob.close()]);
});

it.each(["st__ask", "st__ask-beside", "old__ask", "old__ask-beside"])(
  "%s: a client of the initialize era is asked in the middle of its call",
  async (tool) => {
    const client = await older((await issue("eve")).token, { elicitation: {} });
    const asked: unknown[] = [];
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      asked.push(params.message);
      return { action: "accept", content: { name: "Eve" } };
    });
    const answer: unknown = JSON.parse(await said(client, tool));
    expect(answer).toEqual({ action: "accept", content: { name: "Eve" } });
    expect(asked).toEqual(["Who are you?"]);
    await client.close();
  },
);

it.each(["st__ask", "st__ask-beside", "old__ask", "old__ask-beside"])(
  "%s: a client of 2026-07-28 gets the question as a result and answers it by calling again",
  async (tool) => {
    const client = await modern((await issue("kim")).token, { elicitation: { form: {} } });
    client.setRequestHandler("elicitation/create", () => ({
      action: "accept",
      content: { name: "Kim" },
    }));
    const answer: unknown = JSON.parse(await said(client, tool));
    expect(answer).toEqual({ action: "accept", content: { name: "Kim" } });
    await client.close();
    const rows = (await callsOf("kim")).filter((row) => row.tool === tool);
    expect(rows.map(({ outcome }) => outcome)).toEqual(["ok"]);
  },
);

it("roots are asked of the client that declared them, and declined for one that did not", async () => {
  const client = await older((await issue("rob")).token, { roots: {} });
  client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: "file:///a" }] }));
  expect(await said(client, "st__roots")).toContain("file:///a");
  const mute = await older((await issue("mute")).token);
  expect(await said(mute, "st__roots")).not.toContain("file:///a");
  await Promise.all([client.close(), mute.close()]);
});

it("progress over one stream reaches the call that it is about, under the caller's own token", async () => {
  const { token } = await issue("pro");
  const clients = [await modern(token), await modern(token)];
  const heard = await Promise.all(
    clients.map(async (client) => {
      const steps: number[] = [];
      const onprogress = ({ progress }: { progress: number }) => void steps.push(progress);
      await client.callTool({ name: "old__count", arguments: {} }, { onprogress });
      await client.close();
      return steps;
    }),
  );
  expect(heard).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);
});

it.each(["st", "old"])("a cancelled call is cancelled at %s, and logged once", async (alias) => {
  const { token } = await issue(`can-${alias}`);
  const client = await modern(token);
  const before = upstreams.cancelled.length;
  const abort = new AbortController();
  const { ended } = await hang(client, alias, abort.signal);
  abort.abort();
  expect(await ended).toMatch(/abort/i);
  await vi.waitUntil(() => upstreams.cancelled.length > before, { timeout: 20_000 });
  await vi.waitUntil(async () => (await callsOf(`can-${alias}`)).length > 0, { timeout: 20_000 });
  expect(await callsOf(`can-${alias}`)).toMatchObject([
    { outcome: "failed", error_code: "mcp.cancelled" },
  ]);
  await client.close();
});

it.each(["st", "old"])(
  "revoking a token ends its session at %s, and calls in it",
  async (alias) => {
    const { id, token } = await issue("rev");
    const client = await modern(token);
    const ended = upstreams.ended.length;
    const hanging = await hang(client, alias);
    await manage("revoke_token", { workspace: "kept", token_id: id });
    expect(await hanging.ended).toMatch(/cancelled/);
    await vi.waitUntil(() => upstreams.ended.length > ended, { timeout: 20_000 });
    await expect(said(client, `${alias}__recall`)).rejects.toThrow(/401|token/i);
    await client.close();
  },
);

it("a stream that broke is opened again by the next call", async () => {
  const client = await modern((await issue("again")).token);
  await said(client, "old__remember", { value: "before" });
  upstreams.dropStreams();
  expect(await said(client, "old__recall")).toBe("nothing");
  await client.close();
});

it("an endpoint on another origin is refused before anything is sent there", async () => {
  upstreams.endpoint = "http://127.0.0.1:9/messages";
  const url = `${upstreams.url}/sse?other`;
  const linked = await agent.callTool({
    name: "connect_mcp",
    arguments: { workspace: "kept", alias: "evil", url },
  });
  upstreams.endpoint = undefined;
  expect(JSON.stringify(linked.structuredContent ?? linked.content)).toContain("another address");
});
