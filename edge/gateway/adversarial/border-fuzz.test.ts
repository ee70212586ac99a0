import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { echoServer, network, place, type Place, type Seen } from "../gateway.fixture.ts";
import { knock } from "./routes.fixture.ts";

let seen: Seen;
let where: Place;
let token: string;

beforeAll(async () => {
  seen = network({ "up.example": echoServer().fetch });
  where = await place();
  const source = { kind: "external" as const, url: "https://up.example/mcp" };
  unwrap(await where.stub.linkMcp({ alias: "up", source, auth: { type: "none" } }));
  token = (await where.token({ role: "read-only" })).token;
});
afterAll(() => {
  vi.restoreAllMocks();
});

const methods = [
  "initialize",
  "server/discover",
  "ping",
  "tools/list",
  "tools/call",
  "resources/list",
  "resources/read",
  "prompts/get",
  "completion/complete",
  "logging/setLevel",
  "subscriptions/listen",
  "notifications/cancelled",
  "notifications/initialized",
  "__proto__",
];
const versions = ["2026-07-28", "2025-11-25", "2025-03-26", "1999-01-01", ""];
const toolNames = ["up__echo", "up__leak", "find_tools", "call_tool", "run_code", "list", "get"];

const word = fc.oneof(fc.string({ maxLength: 40 }), fc.string({ unit: "binary", maxLength: 40 }));
const anything = fc.jsonValue({ maxDepth: 4 });
const oneOf = (values: readonly string[]) => fc.oneof(fc.constantFrom(...values), word, anything);

/** Close to a request, with something else in any place. */
const message = fc.record(
  {
    jsonrpc: fc.oneof({ weight: 8, arbitrary: fc.constant("2.0") }, anything),
    id: fc.oneof(fc.integer(), word, anything, fc.constant(2 ** 60)),
    method: oneOf(methods),
    params: fc.oneof(
      anything,
      fc.record(
        {
          name: oneOf(toolNames),
          uri: oneOf(["file:///x", "aerostack://runs/run_0"]),
          arguments: anything,
          cursor: anything,
          capabilities: anything,
          clientInfo: anything,
          protocolVersion: oneOf(versions),
          requestState: anything,
          inputResponses: anything,
          _meta: fc.oneof(
            anything,
            fc.record(
              {
                "io.modelcontextprotocol/protocolVersion": oneOf(versions),
                "io.modelcontextprotocol/clientInfo": anything,
                "io.modelcontextprotocol/clientCapabilities": anything,
                progressToken: anything,
                traceparent: anything,
              },
              { requiredKeys: [] },
            ),
          ),
        },
        { requiredKeys: [] },
      ),
    ),
    result: anything,
    error: anything,
  },
  { requiredKeys: ["jsonrpc", "method"] },
);

const nested = fc
  .tuple(fc.integer({ min: 1, max: 20_000 }), fc.constantFrom("[", '{"a":'))
  .map(([depth, open]) => open.repeat(depth) + "1" + (open === "[" ? "]" : "}").repeat(depth));
const cut = fc
  .tuple(message, fc.nat({ max: 60 }))
  .map(([one, at]) => JSON.stringify(one).slice(0, at));
const twice = message.map((one) => {
  const text = JSON.stringify(one);
  return `${text.slice(0, -1)},"id":[1],"id":7,"method":"tools/list"}`;
});
const body = fc.oneof(
  { weight: 8, arbitrary: message.map((one) => JSON.stringify(one)) },
  anything.map((one) => JSON.stringify(one)),
  fc.array(message, { maxLength: 3 }).map((all) => JSON.stringify(all)),
  nested,
  cut,
  twice,
  word,
  fc.integer({ min: 1, max: 300_000 }).map((size) => `{"jsonrpc":"2.0","x":"${"y".repeat(size)}"}`),
);

/** Values that a header can hold at all; whether they make sense is for the server. */
const value = fc.string({
  unit: fc.constantFrom(...Array.from("abcXYZ019-_/=?;,. ")),
  maxLength: 40,
});
const contentTypes = [
  "application/json",
  "application/json; charset=utf-16",
  "APPLICATION/JSON",
  "application/jsonx",
  "text/plain",
  "text/plain; application/json",
];
const headers = fc.record(
  {
    "content-type": fc.constantFrom(...contentTypes),
    accept: fc.oneof(fc.constant("application/json, text/event-stream"), value),
    "mcp-protocol-version": fc.oneof(fc.constantFrom(...versions), value),
    "mcp-method": fc.oneof(fc.constantFrom(...methods), value),
    "mcp-name": fc.oneof(fc.constantFrom(...toolNames), value),
    "mcp-session-id": value,
    "mcp-param-x": value,
    traceparent: value,
    "last-event-id": value,
  },
  { requiredKeys: [] },
);

/** A JSON-RPC answer, an empty acknowledgement, an event stream, or a refusal with a code. */
async function assertAnswered(response: Response): Promise<void> {
  expect(response.status).toBeLessThan(500);
  const type = response.headers.get("content-type") ?? "";
  if (type.includes("text/event-stream")) {
    // A subscription has no end of its own; that it was opened is its answer.
    await response.body?.cancel();
    return;
  }
  const text = await response.text();
  if (response.status === 202 || text === "") {
    expect([200, 202, 204, 405, 406, 415]).toContain(response.status);
    return;
  }
  const answer = JSON.parse(text) as { jsonrpc?: string; error?: { code: unknown } };
  const isRpc = answer.jsonrpc === "2.0" && ("result" in answer || "error" in answer);
  if (response.status < 400) expect(isRpc, text).toBe(true);
  else expect(answer.error?.code, text).toBeDefined();
  expect(text).not.toMatch(/"internal"|incident|TypeError|at \w+ \(/);
}

/** 150 requests a run, and a failure names seed and path: give them to `fc.assert` to repeat it. */
const runs = { numRuns: 150, endOnFailure: true };

describe.each<[string, () => [string, string]]>([
  ["/ws/:slug", () => [`/ws/${where.identity.slug}`, token]],
  ["/ws/:slug?tools=search", () => [`/ws/${where.identity.slug}?tools=search`, token]],
  ["/mcp", () => ["/mcp", where.ownerKey]],
])("%s", (_door, at) => {
  const ask = (text: string, more: Record<string, string>) => {
    const [path, credential] = at();
    const all = { ...more, authorization: `Bearer ${credential}` };
    return knock({ method: "POST" }, path, all, text);
  };

  it("answers every body: never 5xx, never nothing", async () => {
    await fc.assert(
      fc.asyncProperty(body, async (text) => assertAnswered(await ask(text, {}))),
      runs,
    );
  });

  it("answers every body under any headers", async () => {
    await fc.assert(
      fc.asyncProperty(body, headers, async (text, more) => assertAnswered(await ask(text, more))),
      runs,
    );
  });
});

it("none of it reached what a read-only token may not call, and the door still opens", async () => {
  const called = seen.requests.flatMap(({ body: sent }) => {
    const { method, params } = JSON.parse(sent) as { method: string; params?: { name: string } };
    return method === "tools/call" ? [params?.name] : [];
  });
  expect(called.filter((name) => name !== "echo")).toEqual([]);
  const authorization = `Bearer ${token}`;
  const after = await knock({ method: "POST" }, `/ws/${where.identity.slug}`, { authorization });
  expect(await after.text()).toContain("up__echo");
});
