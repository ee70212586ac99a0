import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type RunningServer, startServer } from "#edge/local/server";
import { ModelServer } from "#edge/models/model-server.fixture";

/** Each turn calls a tool that acts on the world; the fourth says that all is done. */
const models = new ModelServer(({ body }, index) => {
  const turn =
    (body["messages"] as { role: string }[]).filter(({ role }) => role === "assistant").length + 1;
  if (turn > 3) return { text: "All is done." };
  const reply = { toolCalls: [{ name: "record", input: { turn } }] };
  // The third question is never answered: the platform dies while it waits.
  return index === 2 ? { ...reply, after: new Promise(() => undefined) } : reply;
});
/** The turns in which the tool acted. */
const recorded: number[] = [];

const world = createServer((request, response) => {
  void (async () => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    response.setHeader("content-type", "application/json");
    if (request.url === "/record") {
      recorded.push((JSON.parse(text) as { turn: number }).turn);
      response.end("{}");
      return;
    }
    const answer = await models.answer(`http://models${request.url}`, text);
    response.end(await answer.text());
  })();
});

let folder = "";
let server: RunningServer | undefined;
let run = "";

const headers = () => ({ authorization: `Bearer ${server?.accountKey}` });

async function tool(name: string, input: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${server?.url}/mcp`, {
    method: "POST",
    headers: {
      ...headers(),
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": "2025-11-25",
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name, arguments: input },
    }),
  });
  const text = await response.text();
  const json = text.startsWith("{") ? text : (/^data: (\{.*\})$/m.exec(text)?.[1] ?? "{}");
  const { result } = JSON.parse(json) as {
    result?: { isError?: boolean; structuredContent?: Record<string, unknown> };
  };
  if (!result?.structuredContent || result.isError) throw new Error(`${name}: ${text}`);
  return result.structuredContent;
}

const blueprint = (host: string) => ({
  name: "agents",
  egress: [host],
  functions: [
    {
      name: "record",
      description: "Notes a turn.",
      input: { type: "object", properties: { turn: { type: "number" } }, required: ["turn"] },
      output: {},
      effect: "external",
      egress: [host],
      code: `export default async (input: { turn: number }) => {
        await fetch("http://${host}/record", { method: "POST", body: JSON.stringify(input) });
        return "noted";
      };`,
    },
  ],
  workflows: [
    {
      name: "agent",
      nodes: [
        { id: "start", type: "trigger", config: { source: "endpoint" } },
        {
          id: "agent",
          type: "agent_loop",
          config: {
            goal: "Note three turns.",
            model: "openai-compatible:tiny",
            functions: ["record"],
          },
        },
      ],
      edges: [{ from: "start", to: "agent" }],
    },
  ],
  endpoints: [{ name: "agent", workflow: "agent" }],
});

beforeAll(async () => {
  await new Promise<void>((resolve) => world.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(world.address() as AddressInfo).port}`;
  folder = await mkdtemp(path.join(tmpdir(), "aerostack-agent-"));
  const start = () =>
    startServer({
      dataFolder: folder,
      allowHosts: "127.0.0.1:*",
      env: { OPENAI_COMPATIBLE_URL: `http://${host}/v1` },
    });
  server = await start();
  const created = await tool("create", { blueprint: blueprint(host), workspace: "agents" });
  const resources = (created["resources"] as { id: string }[]).map(({ id }) => id);
  await tool("deploy", { resources });
  const response = await fetch(`${server.url}/e/agents/agent`, {
    method: "POST",
    headers: { ...headers(), prefer: "respond-async", "content-type": "application/json" },
    body: "{}",
  });
  ({ run_id: run } = await response.json<{ run_id: string }>());
  await vi.waitFor(() => expect(models.asked).toHaveLength(3), { timeout: 30_000 });

  process.kill(server.platformPid, "SIGKILL");
  await server.stop();
  server = await start();
});

afterAll(async () => {
  await server?.stop();
  world.closeAllConnections();
  world.close();
  await rm(folder, { recursive: true, force: true });
});

async function read() {
  const response = await fetch(`${server?.url}/runs/${run}`, { headers: headers() });
  return response.json<{ status: string; steps: { models?: unknown[] }[] }>();
}

it("an agent killed in turn 3 asks for turn 3 again, and pays for turns 1 and 2 once", async () => {
  await expect.poll(async () => (await read()).status, { timeout: 60_000 }).toBe("succeeded");
  // Turns 1 and 2, turn 3 before and after the kill, turn 4.
  const said = models.asked.map(({ body }) => (body["messages"] as { role: string }[]).length);
  expect(said).toEqual([2, 4, 6, 6, 8]);
  expect(recorded).toEqual([1, 2, 3]);
  expect((await read()).steps[1]?.models).toHaveLength(4);
});
