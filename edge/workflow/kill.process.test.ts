import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningServer, startServer } from "#edge/local/server";

/** Counts what reached it, by path and idempotency key; holds the first call to `/two` for ever. */
const seen: { path: string; key: string }[] = [];
let holds = true;
const witness = createServer((request, response) => {
  const { url = "", headers } = request;
  seen.push({ path: url, key: String(headers["idempotency-key"]) });
  request.resume();
  if (url === "/two" && holds) return;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ seen: url }));
});
const keysOf = (wanted: string) =>
  seen.filter((call) => call.path === wanted).map(({ key }) => key);

let folder = "";
let server: RunningServer | undefined;

beforeAll(async () => {
  await new Promise<void>((resolve) => witness.listen(0, "127.0.0.1", resolve));
  folder = await mkdtemp(path.join(tmpdir(), "aerostack-kill-"));
});

afterAll(async () => {
  await server?.stop();
  witness.closeAllConnections();
  witness.close();
  await rm(folder, { recursive: true, force: true });
});

const start = () => startServer({ dataFolder: folder, allowHosts: "127.0.0.1:*" });

async function tool(
  at: RunningServer,
  name: string,
  input: object,
): Promise<Record<string, unknown>> {
  const response = await fetch(`${at.url}/mcp`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${at.accountKey}`,
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

function blueprint(host: string) {
  const step = (id: string, method: string) => ({
    id,
    type: "action",
    config: { method, url: `http://${host}/${id}` },
  });
  return {
    name: "killed",
    egress: [host],
    workflows: [
      {
        name: "three-steps",
        nodes: [
          { id: "start", type: "trigger", config: { source: "endpoint" } },
          step("one", "POST"),
          step("two", "PUT"),
          step("three", "POST"),
        ],
        edges: [
          { from: "start", to: "one" },
          { from: "one", to: "two" },
          { from: "two", to: "three" },
        ],
      },
    ],
    endpoints: [{ name: "go", workflow: "three-steps" }],
  };
}

it("a run goes on by itself after kill -9 and repeats no finished step", async () => {
  server = await start();
  const host = `127.0.0.1:${(witness.address() as AddressInfo).port}`;
  const created = await tool(server, "create", { blueprint: blueprint(host), workspace: "killed" });
  const resources = (created["resources"] as { id: string }[]).map(({ id }) => id);
  await tool(server, "deploy", { resources });
  const headers = { authorization: `Bearer ${server.accountKey}`, prefer: "respond-async" };
  const url = `${server.url}/e/killed/go`;
  const accepted = await fetch(url, { method: "POST", headers, body: "{}" });
  const { run_id: id } = await accepted.json<{ run_id: string }>();
  await expect.poll(() => keysOf("/two").length, { timeout: 20_000 }).toBe(1);

  process.kill(server.platformPid, "SIGKILL");
  holds = false;
  await server.stop();
  server = await start();

  // Nobody asks for the run: the alarm alone wakes it.
  await expect.poll(() => keysOf("/three").length, { timeout: 60_000 }).toBe(1);
  const read = async () => {
    const response = await fetch(`${server?.url}/runs/${id}`, { headers });
    return response.json<{ status: string }>();
  };
  await expect.poll(read, { timeout: 10_000 }).toMatchObject({ status: "succeeded" });
  expect(keysOf("/one")).toEqual([`${id}:one`]);
  expect(keysOf("/three")).toEqual([`${id}:three`]);
  // The interrupted step is the only one that came again, under the same key.
  expect(keysOf("/two")).toEqual([`${id}:two`, `${id}:two`]);
});
