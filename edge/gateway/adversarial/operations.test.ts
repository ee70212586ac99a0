import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { echoServer, network, place, type Place, post, rpc } from "../gateway.fixture.ts";
import type { CallLogRow } from "../records.ts";
import { base, knock } from "./routes.fixture.ts";

let where: Place;
let developer: string;
let reader: string;
let limited: string;
/** Calls that hang at the upstream; a promise resolved there would go on inside the object. */
let hanging = 0;

async function link(alias: string, timeoutMs?: number): Promise<void> {
  const source = { kind: "external" as const, url: `https://${alias}.example/mcp` };
  const limits = timeoutMs === undefined ? {} : { limits: { timeoutMs } };
  unwrap(await where.stub.linkMcp({ alias, source, auth: { type: "none" }, ...limits }));
}

const isCall = async (request: Request) => (await request.clone().text()).includes("tools/call");

beforeEach(async () => {
  hanging = 0;
  const server = echoServer();
  const hang = async (request: Request) => {
    if (!(await isCall(request))) return server.fetch(request);
    hanging++;
    return new Promise<Response>((_, reject) => {
      request.signal.addEventListener("abort", () => reject(request.signal.reason as Error));
    });
  };
  network({
    "up.example": server.fetch,
    "slow.example": hang,
    "idle.example": hang,
    "gone.example": async (request) => {
      if (await isCall(request)) throw new TypeError("connection reset");
      return server.fetch(request);
    },
  });
  where = await place();
  await link("up");
  await link("slow", 50);
  await link("idle");
  await link("gone");
  developer = (await where.token()).token;
  reader = (await where.token({ role: "read-only", member: "rita" })).token;
  limited = (await where.token({ perMinute: 1, member: "lou" })).token;
  const never = { name: "never", tools: ["up__drop*"], require: "false", message: "Never." };
  unwrap(await where.stub.putPolicies([never]));
});
afterEach(() => {
  vi.restoreAllMocks();
});

const rows = async () => unwrap(await where.stub.callLog({ limit: 1000 }));
const called = (name: string) => rpc("tools/call", { name, arguments: {} });

type Case = [string, string, () => string, Partial<CallLogRow>];
const cases: Case[] = [
  ["allowed", "up__echo", () => developer, { outcome: "ok", mcp: "up" }],
  ["answered with an error", "up__refuse", () => developer, { outcome: "tool-error", mcp: "up" }],
  ["unknown", "up__nope", () => developer, { outcome: "denied", errorCode: "tool.unknown" }],
  ["not for its role", "up__leak", () => reader, { outcome: "denied", errorCode: "tool.denied" }],
  ["against a policy", "up__drop_all", () => developer, { outcome: "denied" }],
  ["failed", "gone__echo", () => developer, { outcome: "failed", errorCode: "mcp.unreachable" }],
  ["timed out", "slow__echo", () => developer, { outcome: "failed", errorCode: "mcp.timeout" }],
];

const ways: Readonly<Record<string, (token: string, name: string) => Promise<Response>>> = {
  "tools/call": (token, name) => post(where, token, called(name)),
  call_tool: (token, name) => {
    const params = { name: "call_tool", arguments: { name, arguments: {} } };
    return post(`${where.identity.slug}?tools=search`, token, rpc("tools/call", params));
  },
  "/calls": (token, name) => {
    const headers = { authorization: `Bearer ${token}` };
    const body = JSON.stringify([{ name, arguments: {} }]);
    return knock({ method: "POST" }, `/ws/${where.identity.slug}/calls`, headers, body);
  },
};

describe.each(Object.entries(ways))("by %s", (_way, ask) => {
  it.each(cases)("a call that is %s has one row", async (_what, name, token, row) => {
    const full = name === "up__drop_all" ? await dropAll() : name;
    await (await ask(token(), full)).text();
    const all = await rows();
    expect(all).toMatchObject([{ ...row, tool: full }]);
    expect(all[0]).toMatchObject({ id: expect.any(String), tokenId: expect.any(String) });
    expect(all[0]!.member).toMatch(/ada|rita/);
  });
});

it.each(Object.entries(ways))(
  "by %s a tool that is denied and one that never was are answered in the same bytes, with a code",
  async (_way, ask) => {
    const denied = await (await ask(reader, "up__leak")).text();
    const unknown = await (await ask(reader, "up__nope")).text();
    expect(denied.replaceAll("up__leak", "up__nope")).toBe(unknown);
    expect(unknown).toContain("up__nope");
  },
);

it("says in the error itself what to do about an unknown tool", async () => {
  const { error } = await (
    await post(where, reader, called("up__nope"))
  ).json<{
    error: { code: number; data: unknown };
  }>();
  expect(error).toMatchObject({
    code: -32602,
    data: { code: "tool.unknown", fix: expect.any(String) },
  });
});

async function dropAll(): Promise<string> {
  const tools = unwrap(await where.stub.listTools(where.owner));
  return tools.find(({ name }) => name.startsWith("up__drop_all"))?.name ?? "";
}

it("a call whose caller went away has one row, and its upstream is let go", async () => {
  const stub = (env as unknown as Env).WORKSPACE.getByName(where.identity.id);
  // Inside the object, because a signal of the test does not cross into it.
  await runInDurableObject(stub, async (object) => {
    const abort = new AbortController();
    const sent = object.fetch(
      new Request(`${base}/ws/${where.identity.slug}`, {
        method: "POST",
        headers: {
          accept: "application/json, text/event-stream",
          "content-type": "application/json",
          authorization: `Bearer ${developer}`,
        },
        body: JSON.stringify(called("idle__echo")),
        signal: abort.signal,
      }),
    );
    await vi.waitUntil(() => hanging > 0);
    abort.abort();
    expect(await (await sent).text()).toContain("mcp.cancelled");
  });
  expect(await rows()).toMatchObject([
    { tool: "idle__echo", outcome: "failed", errorCode: "mcp.cancelled", member: "ada" },
  ]);
});

it("calls of every outcome at once: as many rows as calls, and usage adds up to them", async () => {
  const drop = await dropAll();
  const mixed = Array.from({ length: 5 }, () => cases).flat();
  const asked = mixed.map(([, name, token], at) => {
    const way = Object.values(ways)[at % 3]!;
    return way(token(), name === "up__drop_all" ? drop : name);
  });
  const over = Array.from({ length: 5 }, () => ways["tools/call"]!(limited, "up__echo"));
  for (const response of await Promise.all([...asked, ...over])) await response.text();
  const all = await rows();
  expect(all).toHaveLength(mixed.length + 5);
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  expect(all.filter(({ errorCode }) => errorCode === "token.rate-limited")).toHaveLength(4);
  for (const by of ["tool", "mcp", "member", "day"] as const) {
    const usage = unwrap(await where.stub.usage({ by }));
    expect([by, usage.reduce((sum, one) => sum + one.calls, 0)]).toEqual([by, all.length]);
    const denied = all.filter(({ outcome }) => outcome === "denied").length;
    expect([by, usage.reduce((sum, one) => sum + one.denied, 0)]).toEqual([by, denied]);
  }
});

it("who was refused at the door made no call, and no row", async () => {
  for (const wrong of [undefined, "wt_wrong", (await place()).ownerKey]) {
    for (const ask of Object.values(ways)) await (await ask(wrong ?? "", "up__echo")).text();
  }
  expect(await rows()).toEqual([]);
});

it("attribution outlives the member", async () => {
  await (await ways["tools/call"]!(reader, "up__echo")).text();
  unwrap(await where.stub.revokeToken({ member: "rita" }));
  expect(await rows()).toMatchObject([{ member: "rita", outcome: "ok" }]);
});

it("no token of the workspace reads what was captured: the log is the account's", async () => {
  unwrap(await where.stub.changeSettings({ captureCalls: true }));
  const noted = rpc("tools/call", { name: "up__echo", arguments: { note: "kept-in-the-log" } });
  await (await post(where, developer, noted)).text();
  expect((await rows())[0]?.arguments).toContain("kept-in-the-log");
  const admin = (await where.token({ role: "admin" })).token;
  for (const token of [reader, developer, admin]) {
    for (const [path, tool] of [
      ["/mcp", "call_log"],
      [`/ws/${where.identity.slug}`, "call_log"],
      [`/ws/${where.identity.slug}`, "usage"],
    ] as const) {
      const params = { name: tool, arguments: { workspace: where.identity.slug } };
      const body = JSON.stringify(rpc("tools/call", params));
      const headers = { authorization: `Bearer ${token}` };
      const text = await (await knock({ method: "POST" }, path, headers, body)).text();
      expect(text).not.toContain("kept-in-the-log");
      expect(text).toMatch(/account\.key-invalid|Unknown tool/);
    }
  }
});
