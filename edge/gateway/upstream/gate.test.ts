import { createMcpHandler, Server } from "@modelcontextprotocol/server";
import { afterEach, describe, expect, it, vi } from "vitest";
import { UpstreamError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import { network, place, type Place, post, rpc } from "#edge/gateway/gateway.fixture";
import type { LinkLimits } from "#edge/gateway/workspace-api";
import { Gate } from "./gate.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** What the tools of the server do; `broken` fails below MCP. */
type Act = "answer" | "error" | "broken" | "hang" | "long" | "429";

function server(act: () => Act): (request: Request) => Promise<Response> {
  const handler = createMcpHandler(() => {
    const mcp = new Server({ name: "up", version: "1" }, { capabilities: { tools: {} } });
    const inputSchema = { type: "object" as const };
    mcp.setRequestHandler("tools/list", () => ({ tools: [{ name: "do", inputSchema }] }));
    mcp.setRequestHandler("tools/call", () => ({
      content: [{ type: "text", text: act() === "long" ? "x".repeat(5000) : "done" }],
      isError: act() === "error",
    }));
    return mcp;
  });
  return async (request) => {
    const isCall = (await request.clone().text()).includes('"tools/call"');
    if (isCall && act() === "broken") throw new TypeError("connection reset");
    if (isCall && act() === "429") return new Response("slow down", { status: 429 });
    if (isCall && act() === "hang") {
      return new Promise((_, reject) => {
        request.signal.addEventListener("abort", () => reject(request.signal.reason as Error));
      });
    }
    return handler.fetch(request);
  };
}

async function linkedPlace(act: () => Act, limits: LinkLimits = {}) {
  const seen = network({ "up.example": server(act), "two.example": server(() => "answer") });
  const where = await place();
  const auth = { type: "none" as const };
  for (const [alias, host] of [
    ["up", "up.example"],
    ["two", "two.example"],
  ] as const) {
    const source = { kind: "external" as const, url: `https://${host}/mcp` };
    unwrap(
      await where.stub.linkMcp({ alias, source, auth, ...(alias === "up" ? { limits } : {}) }),
    );
  }
  const { token } = await where.token();
  const sent = () => seen.requests.filter(({ body }) => body.includes('"tools/call"')).length;
  return { where, token, sent };
}

async function call(where: Place, token: string, name = "up__do"): Promise<string> {
  const response = await post(where, token, rpc("tools/call", { name, arguments: {} }));
  const text = await response.text();
  return /\(([a-z]+\.[a-z-]+)\)/.exec(text)?.[1] ?? (text.includes("done") ? "done" : text);
}

async function healthOf(where: Place) {
  const links = unwrap(await where.stub.listLinks());
  return links.find(({ alias }) => alias === "up")?.health;
}

describe("the circuit breaker at /ws/:slug", () => {
  it("opens after five transport faults, sends nothing more, says so, and spares the others", async () => {
    const { where, token, sent } = await linkedPlace(() => "broken");
    const codes: string[] = [];
    for (let count = 0; count < 7; count++) codes.push(await call(where, token));
    expect(codes).toEqual([
      ...Array<string>(5).fill("mcp.unreachable"),
      "mcp.unavailable",
      "mcp.unavailable",
    ]);
    expect(sent()).toBe(5);
    expect(await call(where, token, "two__do")).toBe("done");
    expect(await healthOf(where)).toMatchObject({
      breaker: "open",
      faults: 5,
      lastFault: "mcp.unreachable",
      retryAt: expect.any(Number) as number,
    });
    const response = await post(where, token, rpc("tools/list"));
    expect(await response.text()).toContain("up__do");
  });

  it.each<[string, Act, string]>([
    ["results with isError", "error", "done"],
    ["HTTP 429", "429", "mcp.rate-limited"],
    ["too large answers", "long", "mcp.too-large"],
  ])("is not opened by %s", async (_what, act, code) => {
    const { where, token, sent } = await linkedPlace(() => act, { answerBytes: 2000 });
    for (let count = 0; count < 8; count++) expect(await call(where, token)).toBe(code);
    expect(sent()).toBe(8);
    expect(await healthOf(where)).toMatchObject({ breaker: "closed", faults: 0 });
  });
});

describe("the limits of a link", () => {
  it("end a call after its own time", async () => {
    const { where, token } = await linkedPlace(() => "hang", { timeoutMs: 100 });
    expect(await call(where, token)).toBe("mcp.timeout");
    expect(await call(where, token, "two__do")).toBe("done");
  });

  it("let so many calls out at once, and the rest know", async () => {
    const limits = { timeoutMs: 2000, concurrent: 2 };
    const { where, token, sent } = await linkedPlace(() => "hang", limits);
    const codes = await Promise.all(Array.from({ length: 6 }, () => call(where, token)));
    expect(codes.filter((code) => code === "mcp.busy")).toHaveLength(4);
    expect(sent()).toBe(2);
  });
});

const fault = () =>
  Promise.reject(new UpstreamError("mcp.unreachable", "Down.", { retryAfterMs: 1000 }));
const cancelled = () => Promise.reject(new UpstreamError("mcp.cancelled", "Gone."));
const code = (run: Promise<unknown>) =>
  run.then(
    () => "fine",
    (error: { code: string }) => error.code,
  );

function broken() {
  const clock = { now: 1000 };
  const gate = new Gate({ concurrent: 8, now: () => clock.now });
  const fail = async () => {
    for (let count = 0; count < 5; count++) await gate.run(fault).catch(() => undefined);
  };
  return { clock, gate, fail };
}

describe("half open", () => {
  it("lets one call find out, and all follow when it succeeds", async () => {
    const { clock, gate, fail } = broken();
    await fail();
    clock.now += 9_999;
    expect(await code(gate.run(async () => 1))).toBe("mcp.unavailable");
    clock.now += 1;
    const probe = Promise.withResolvers<number>();
    const first = gate.run(() => probe.promise);
    expect(gate.health.breaker).toBe("half-open");
    expect(await code(gate.run(async () => 1))).toBe("mcp.unavailable");
    probe.resolve(1);
    await first;
    expect(await code(gate.run(async () => 1))).toBe("fine");
    expect(gate.health).toMatchObject({ breaker: "closed", faults: 0 });
  });

  it("waits twice as long after a probe that failed", async () => {
    const { clock, gate, fail } = broken();
    await fail();
    clock.now += 10_000;
    expect(await code(gate.run(fault))).toBe("mcp.unreachable");
    clock.now += 19_999;
    expect(await code(gate.run(async () => 1))).toBe("mcp.unavailable");
    clock.now += 1;
    expect(await code(gate.run(async () => 1))).toBe("fine");
  });

  it("learns nothing from a probe that was cancelled, and a caller who left is no fault", async () => {
    const { clock, gate, fail } = broken();
    for (let count = 0; count < 9; count++) await gate.run(cancelled).catch(() => undefined);
    expect(gate.health).toMatchObject({ breaker: "closed", faults: 0 });
    await fail();
    clock.now += 10_000;
    expect(await code(gate.run(cancelled))).toBe("mcp.cancelled");
    expect(await code(gate.run(async () => 1))).toBe("fine");
  });
});
