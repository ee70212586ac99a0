import { exports } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { echoServer, network, place, type Place } from "#edge/gateway/gateway.fixture";
import type { TokenRequest } from "#edge/gateway/workspace-api";

afterEach(() => {
  vi.restoreAllMocks();
});

async function echoPlace(): Promise<Place & { calls(): number }> {
  const server = echoServer();
  const seen = network({ "mcp.example": (request) => server.fetch(request) });
  const where = await place();
  const source = { kind: "external" as const, url: "https://mcp.example/mcp" };
  unwrap(await where.stub.linkMcp({ alias: "ev", source, auth: { type: "none" } }));
  const calls = () => seen.requests.filter(({ body }) => body.includes('"tools/call"')).length;
  return { ...where, calls };
}

async function send(where: Place, token: string, path: string, body?: unknown) {
  const response = await exports.default.fetch(
    `https://aerostack.test/ws/${where.identity.slug}/${path}`,
    {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined
        ? {}
        : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    },
  );
  const answer = await response.json<Record<string, unknown>>();
  return { status: response.status, answer, error: answer["error"] as { code: string } };
}

const dialectNames = ["openai", "gemini", "anthropic", "mcp"] as const;

/** A call as a model of the dialect writes it. */
const calling = {
  openai: (name: string) => ({ type: "function_call", call_id: "1", name, arguments: "{}" }),
  gemini: (name: string) => ({ functionCall: { id: "1", name, args: {} } }),
  anthropic: (name: string) => ({ type: "tool_use", id: "1", name, input: {} }),
  mcp: (name: string) => ({ name, arguments: {} }),
};

describe("list and call of every dialect allow what MCP allows", () => {
  const cases: [string, Partial<TokenRequest>, string, boolean][] = [
    ["a developer, a tool that writes", { role: "developer" }, "ev__leak", true],
    ["a read-only token, a tool that reads", { role: "read-only" }, "ev__echo", true],
    ["a read-only token, a tool that writes", { role: "read-only" }, "ev__leak", false],
    ["an allow list with it", { tools: ["ev__leak"] }, "ev__leak", true],
    ["an allow list without it", { tools: ["ev__leak"] }, "ev__echo", false],
    ["a tool that does not exist", { role: "admin" }, "ev__nothing", false],
  ];
  it.each(cases)("%s", async (_case, request, name, allowed) => {
    const where = await echoPlace();
    const { token } = await where.token(request);
    for (const dialect of dialectNames) {
      const { answer } = await send(where, token, `tools?dialect=${dialect}`);
      expect([dialect, JSON.stringify(answer).includes(`"${name}"`)]).toEqual([dialect, allowed]);
      const calls = [calling[dialect](name)];
      const called = await send(where, token, `calls?dialect=${dialect}`, { calls });
      expect(called.status).toBe(200);
      const denied = JSON.stringify(called.answer).includes("Unknown tool");
      expect([dialect, denied]).toEqual([dialect, !allowed]);
    }
    expect(where.calls()).toBe(allowed ? dialectNames.length : 0);
    const rows = unwrap(await where.stub.callLog({}));
    expect(rows.map(({ tool, outcome }) => `${tool} ${outcome}`)).toEqual(
      dialectNames.map(() => `${name} ${allowed ? "ok" : "denied"}`),
    );
  });
});

describe("calls", () => {
  it("a tool that fails, and a call that cannot be read, fail alone", async () => {
    const where = await echoPlace();
    const { token } = await where.token();
    const calls = [
      { type: "tool_use", id: "a", name: "ev__echo", input: { n: 1 } },
      { type: "tool_use", id: "b", name: "ev__drop_all_79c5c5", input: {} },
      { type: "tool_use", id: "c", name: "ev__echo", input: "not JSON" },
      "no call at all",
    ];
    const { answer } = await send(where, token, "calls?dialect=anthropic", { calls });
    expect(answer["results"]).toMatchObject([
      { type: "tool_result", tool_use_id: "a", content: [{ type: "text", text: '{"n":1}' }] },
      { tool_use_id: "b", is_error: true, content: [{ text: "dropped" }] },
      { tool_use_id: "c", is_error: true },
      { tool_use_id: "", is_error: true },
    ]);
    const rows = unwrap(await where.stub.callLog({}));
    expect(rows.map(({ outcome }) => outcome).sort()).toEqual([
      "failed",
      "failed",
      "ok",
      "tool-error",
    ]);
  });

  it("secrets in an answer are redacted in every dialect", async () => {
    const where = await place();
    const server = echoServer();
    network({ "mcp.example": (request) => server.fetch(request) });
    const auth = { type: "header", header: "Authorization", value: "Bearer {{secret}}" } as const;
    const source = { kind: "external" as const, url: "https://mcp.example/mcp" };
    const purpose = "The echo server.";
    unwrap(
      await where.stub.declareSecret({
        name: "ECHO",
        kind: "token",
        purpose,
        hosts: ["mcp.example"],
      }),
    );
    unwrap(await where.stub.putSecret("ECHO", "canary-4f1c9a7b2e"));
    unwrap(await where.stub.linkMcp({ alias: "ev", source, auth: { ...auth, secret: "ECHO" } }));
    const { token } = await where.token();
    for (const dialect of dialectNames) {
      const calls = [calling[dialect]("ev__leak"), calling[dialect]("ev__refuse")];
      const { answer } = await send(where, token, `calls?dialect=${dialect}`, { calls });
      expect(JSON.stringify(answer)).toContain("redacted");
      expect(JSON.stringify(answer)).not.toContain("canary");
    }
  });

  it("search and code work for programs as well", async () => {
    const where = await echoPlace();
    const { token } = await where.token({ role: "read-only" });
    const { answer } = await send(where, token, "tools?dialect=openai&tools=search");
    expect((answer["tools"] as { name: string }[]).map(({ name }) => name)).toEqual([
      "find_tools",
      "call_tool",
    ]);
    const input = { name: "ev__leak", arguments: {} };
    const calls = [{ type: "tool_use", id: "1", name: "call_tool", input }];
    const denied = await send(where, token, "calls?dialect=anthropic&tools=search", { calls });
    expect(JSON.stringify(denied.answer)).toContain("Unknown tool: ev__leak");
    const code = "return await tools.ev__echo({ n: 2 });";
    const running = [{ type: "tool_use", id: "1", name: "run_code", input: { code } }];
    const ran = await send(where, token, "calls?dialect=anthropic&tools=code", { calls: running });
    expect(JSON.stringify(ran.answer)).toContain("n");
    expect(where.calls()).toBe(1);
  });
});

it("what cannot be served is refused in the platform's own words, never with 500", async () => {
  const where = await echoPlace();
  const { token, id } = await where.token();
  const codes = [
    await send(where, token, "tools?dialect=klingon"),
    await send(where, token, "tools?dialect=anthropic&variant=chat"),
    await send(where, token, "calls", "not json"),
    await send(where, token, "calls", "17"),
    await send(where, token, "calls", { calls: Array.from({ length: 33 }, () => ({})) }),
    await send(where, token, "calls", "[".repeat(500)),
    await send(where, "wt_wrong", "tools?dialect=openai"),
  ].map(({ status, error }) => `${status} ${error.code}`);
  expect(codes).toEqual([
    "400 dialect.unknown",
    "400 dialect.variant",
    "400 http.not-json",
    "400 calls.shape",
    "400 calls.too-many",
    "400 http.body-too-deep",
    "401 token.invalid",
  ]);
  unwrap(await where.stub.revokeToken({ id }));
  expect((await send(where, token, "calls", { calls: [] })).status).toBe(401);
  expect(where.calls()).toBe(0);
});
