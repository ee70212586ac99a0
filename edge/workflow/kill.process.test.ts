import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type RunningServer, startServer } from "#edge/local/server";

/**
 * Notes what reached it. Until the kill it holds the calls to `/two` and `/outside` for ever, as a
 * receiver that acted and whose answer gets lost, and asks `/busy` to come back later.
 */
const seen: { path: string; key: string; at: number }[] = [];
let isBefore = true;
const witness = createServer((request, response) => {
  const { url = "", headers } = request;
  seen.push({ path: url, key: String(headers["idempotency-key"]), at: Date.now() });
  request.resume();
  if (isBefore && ["/two", "/outside"].includes(url)) return;
  if (isBefore && url === "/busy") response.statusCode = 429;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ seen: url }));
});
const keysOf = (wanted: string) =>
  seen.filter((call) => call.path === wanted).map(({ key }) => key);

let folder = "";
let server: RunningServer | undefined;
let killedAt = 0;
/** Ids of the runs that were under way at the kill, by endpoint. */
const ids = new Map<string, string>();

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

type Step = readonly [id: string, method: string, more?: object];

const workflows: Record<string, readonly Step[]> = {
  chain: [
    ["one", "POST"],
    ["two", "PUT"],
    ["three", "POST"],
  ],
  outside: [
    ["outside", "POST"],
    ["after", "POST"],
  ],
  busy: [["busy", "POST", { retry: { attempts: 3, delay_ms: 6_000 } }]],
  accepted: [["accepted", "PUT"]],
};

function blueprint(host: string) {
  return {
    name: "killed",
    egress: [host],
    workflows: Object.entries(workflows).map(([name, steps]) => ({
      name,
      nodes: [
        { id: "start", type: "trigger", config: { source: "endpoint" } },
        ...steps.map(([id, method, more]) => ({
          id,
          type: "action",
          config: { method, url: `http://${host}/${id}` },
          ...more,
        })),
      ],
      edges: steps.map(([id], index) => ({ from: steps[index - 1]?.[0] ?? "start", to: id })),
    })),
    endpoints: Object.keys(workflows).map((name) => ({ name, workflow: name })),
  };
}

async function send(name: string): Promise<string> {
  const response = await fetch(`${server?.url}/e/killed/${name}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${server?.accountKey}`,
      prefer: "respond-async",
      "idempotency-key": name,
    },
    body: "{}",
  });
  const { run_id: id } = await response.json<{ run_id: string }>();
  return id;
}

async function read(name: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${server?.url}/runs/${ids.get(name)}`, {
    headers: { authorization: `Bearer ${server?.accountKey}` },
  });
  return response.json<Record<string, unknown>>();
}

beforeAll(async () => {
  await new Promise<void>((resolve) => witness.listen(0, "127.0.0.1", resolve));
  folder = await mkdtemp(path.join(tmpdir(), "aerostack-kill-"));
  server = await start();
  const host = `127.0.0.1:${(witness.address() as AddressInfo).port}`;
  const created = await tool(server, "create", { blueprint: blueprint(host), workspace: "killed" });
  const resources = (created["resources"] as { id: string }[]).map(({ id }) => id);
  await tool(server, "deploy", { resources });
  for (const name of ["chain", "outside", "busy"]) ids.set(name, await send(name));
  const held = ["/two", "/outside", "/busy"];
  const reached = () => expect(held.every((wanted) => keysOf(wanted).length > 0)).toBe(true);
  await vi.waitFor(reached, { timeout: 20_000 });
  const waits = { steps: [{}, { id: "busy", status: "waiting" }] };
  await vi.waitFor(async () => expect(await read("busy")).toMatchObject(waits), {
    timeout: 5_000,
  });
  ids.set("accepted", await send("accepted"));

  process.kill(server.platformPid, "SIGKILL");
  killedAt = Date.now();
  isBefore = false;
  await server.stop();
  server = await start();
});

it("a run goes on by itself after kill -9 and repeats no finished step", async () => {
  // Nobody asks for the run: the alarm alone wakes it.
  await expect.poll(() => keysOf("/three").length, { timeout: 60_000 }).toBe(1);
  await expect
    .poll(() => read("chain"), { timeout: 10_000 })
    .toMatchObject({ status: "succeeded" });
  const id = ids.get("chain");
  expect(keysOf("/one")).toEqual([`${id}:one`]);
  expect(keysOf("/three")).toEqual([`${id}:three`]);
  // The effect whose answer was lost is the only one that came again, under the same key.
  expect(keysOf("/two")).toEqual([`${id}:two`, `${id}:two`]);
});

it("an effect that must not be repeated is not: the run ends with a clear error", async () => {
  await expect
    .poll(() => read("outside"), { timeout: 60_000 })
    .toMatchObject({
      status: "failed",
      error: { code: "step.uncertain", step: "outside", fix: expect.any(String) },
    });
  expect(keysOf("/outside")).toHaveLength(1);
  expect(keysOf("/after")).toHaveLength(0);
});

it("a retry that was due later comes, once", async () => {
  await expect.poll(() => read("busy"), { timeout: 60_000 }).toMatchObject({ status: "succeeded" });
  const id = ids.get("busy");
  expect(keysOf("/busy")).toEqual([`${id}:busy`, `${id}:busy`]);
  expect(seen.findLast((call) => call.path === "/busy")?.at).toBeGreaterThan(killedAt);
});

it("a run that was accepted is not lost, and who asks again joins it", async () => {
  const id = ids.get("accepted");
  expect(await send("accepted")).toBe(id);
  await expect
    .poll(() => read("accepted"), { timeout: 60_000 })
    .toMatchObject({ status: "succeeded" });
  expect(await send("accepted")).toBe(id);
  expect(new Set(keysOf("/accepted"))).toEqual(new Set([`${id}:accepted`]));
});
