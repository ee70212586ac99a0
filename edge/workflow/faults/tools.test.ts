import { afterEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { echoServer, network, place } from "#edge/gateway/gateway.fixture";
import { compile } from "#edge/isolates/bundle";
import { local, request, serveModels } from "#edge/nodes/support/models.fixture";
import { abortAllDurableObjects } from "cloudflare:test";
import { env, historyOf, wake } from "#edge/workflow/run.fixture";
import { readTrace, startRun } from "#edge/workflow/start";

afterEach(() => vi.restoreAllMocks());

const bodyOf = (one: { body: string }) => one.body;
const isCall = (body: string) => body.includes('"tools/call"');

/** A workspace with an MCP server that acts, then answers as it is told; `acted` counts. */
async function acting(answer: (times: number, request: Request) => Promise<Response> | "well") {
  const server = echoServer();
  let acted = 0;
  const seen = network({
    "up.example": async (asked) => {
      if (!isCall(await asked.clone().text())) return server.fetch(asked);
      acted += 1;
      const told = answer(acted, asked);
      return told === "well" ? server.fetch(asked) : told;
    },
  });
  const where = await place();
  const source = { kind: "external" as const, url: "https://up.example/mcp" };
  const link = { alias: "up", source, auth: { type: "none" as const }, limits: { timeoutMs: 200 } };
  unwrap(await where.stub.linkMcp(link));
  const calls = () => seen.requests.map(bodyOf).filter(isCall);
  return { where, calls };
}

async function play(where: Awaited<ReturnType<typeof place>>, effect: string, node: object = {}) {
  const retry = { attempts: 3, delay_ms: 1 };
  const config = { tool: "up__echo", arguments: { n: 1 }, effect };
  const run = await request("mcp_tool", config, {
    where,
    node: { ...node, ...(effect === "read" ? { retry } : {}) },
  });
  await startRun(env, run);
  await expect
    .poll(async () => (await readTrace(env, run.id)).status, { timeout: 8_000 })
    .not.toBe("running");
  return { run, trace: await readTrace(env, run.id) };
}

const silent = (asked: Request) =>
  new Promise<Response>((_, reject) => {
    asked.signal.addEventListener("abort", () => reject(asked.signal.reason as Error));
  });

describe("fault 23: a tool", () => {
  it.each([
    ["does not answer in time", "mcp.timeout", (_: number, asked: Request) => silent(asked)],
    ["drops the connection", "mcp.unreachable", () => Promise.reject(new TypeError("reset"))],
  ])("that acts and %s is not called again blindly", async (_, code, answer) => {
    const { where, calls } = await acting(answer);
    const { trace } = await play(where, "external");
    expect(trace).toMatchObject({ status: "failed", error: { code, step: "step" } });
    expect(calls()).toHaveLength(1);
  });

  it("that only looks is called again, under the same idempotency key", async () => {
    const { where, calls } = await acting((times, asked) => (times === 1 ? silent(asked) : "well"));
    const { run, trace } = await play(where, "read");
    expect(trace.status).toBe("succeeded");
    expect(calls()).toHaveLength(2);
    for (const body of calls()) expect(body).toContain(`${run.id}:step`);
  });

  it("that acts is called again where its step says that it may be", async () => {
    const { where, calls } = await acting((times, asked) => (times === 1 ? silent(asked) : "well"));
    const { trace } = await play(where, "external", { on_uncertain: "retry" });
    expect(trace.status).toBe("succeeded");
    expect(calls()).toHaveLength(2);
  });

  it("whose session is lost is called once in a new one", async () => {
    const { where, calls } = await acting((times) =>
      times === 1 ? Promise.resolve(new Response("", { status: 404 })) : "well",
    );
    const { trace } = await play(where, "read");
    expect(trace.status).toBe("succeeded");
    expect(calls()).toHaveLength(2);
  });

  it("that its server took away fails with the name of it", async () => {
    const { where } = await acting(() => "well");
    const run = await request(
      "mcp_tool",
      { tool: "up__gone", arguments: {}, effect: "read" },
      { where },
    );
    await startRun(env, run);
    await expect.poll(async () => (await readTrace(env, run.id)).status).toBe("failed");
    expect((await readTrace(env, run.id)).error).toMatchObject({ code: "tool.unknown" });
  });
});

describe("fault 22: an agent at its limit", () => {
  it("leaves once, and calls no tool again, though it dies in the very moment", async () => {
    const where = await place();
    const definition = {
      description: "Notes.",
      input: { type: "object", properties: { n: { type: "number" } }, required: ["n"] },
      output: {},
      effect: "external" as const,
      code: await compile("export default ({ n }: { n: number }) => `noted ${n}`;"),
      egress: [],
      secrets: [],
    };
    unwrap(await where.stub.putLive([{ kind: "function", name: "note", version: 1, definition }]));
    const server = serveModels((_, n) => ({ toolCalls: [{ name: "fn__note", input: { n } }] }));
    const config = {
      model: local,
      goal: "x",
      tools: ["fn__note"],
      limits: { turns: 2 },
      on_limit: "escalate",
    };
    const run = await request("agent_loop", config, { where });
    await startRun(env, run);
    const status = async () => (await readTrace(env, run.id)).status;
    await expect.poll(status).toBe("waiting");
    for (let death = 0; death < 3; death++) {
      await abortAllDurableObjects();
      await wake(run.id);
      expect(await status()).toBe("waiting");
    }
    expect(server.asked).toHaveLength(2);
    const events = (await historyOf(run.id)) as { type: string; name?: string }[];
    const of = (type: string, part: string) =>
      events.filter((event) => event.type === type && event.name?.includes(part)).length;
    expect(of("substep-started", "tool_")).toBe(2);
    expect(events.filter(({ type }) => type === "step-waiting")).toHaveLength(1);
  });
});
