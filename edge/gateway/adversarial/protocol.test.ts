import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import {
  echoServer,
  modern,
  modernHeaders,
  network,
  place,
  type Place,
  post,
  rpc,
  type Seen,
} from "../gateway.fixture.ts";
import { knock } from "./routes.fixture.ts";

let seen: Seen;
let where: Place;
let token: string;
let reader: string;

beforeAll(() => {
  seen = network({ "up.example": echoServer().fetch });
});
beforeEach(async () => {
  where = await place();
  const source = { kind: "external" as const, url: "https://up.example/mcp" };
  unwrap(await where.stub.linkMcp({ alias: "up", source, auth: { type: "none" } }));
  unwrap(await where.stub.changeSettings({ captureCalls: true }));
  ({ token } = await where.token());
  reader = (await where.token({ role: "read-only" })).token;
  seen.requests.length = 0;
});
afterAll(() => {
  vi.restoreAllMocks();
});

const rows = async () => unwrap(await where.stub.callLog({}));
const forwarded = () =>
  seen.requests.map(({ body }) => body).filter((one) => /tools.call/.test(one));
const sentinel = (name: string) => `=?base64?${btoa(name)}?=`;

const call = (params: string) =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`;
const withId = (id: string) =>
  `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"up__echo","arguments":{}}}`;
const raw = async (body: string, credential = token) =>
  (await post(where, credential, body)).text();

describe("headers that disagree with the body are refused, and nothing happened", () => {
  const echo = modern("tools/call", { name: "up__echo", arguments: {} });
  const right = modernHeaders("tools/call", "up__echo");
  const without = (name: string) =>
    Object.fromEntries(Object.entries(right).filter(([one]) => one !== name));
  const cases: [string, Record<string, string>][] = [
    ["another tool", { ...right, "mcp-name": "up__leak" }],
    ["the tool in another case", { ...right, "mcp-name": "UP__ECHO" }],
    ["the upstream's own name", { ...right, "mcp-name": "echo" }],
    ["two tools", { ...right, "mcp-name": "up__echo, up__leak" }],
    ["an empty tool", { ...right, "mcp-name": "" }],
    ["no tool", without("mcp-name")],
    ["another tool in base64", { ...right, "mcp-name": sentinel("up__leak") }],
    ["broken base64", { ...right, "mcp-name": "=?base64?%%%?=" }],
    ["another encoding", { ...right, "mcp-name": "=?quoted?up__echo?=" }],
    ["letters beyond ASCII", { ...right, "mcp-name": "up__\u00e9cho" }],
    ["another method", { ...right, "mcp-method": "tools/list" }],
    ["two methods", { ...right, "mcp-method": "tools/call, tools/list" }],
    ["the method in another case", { ...right, "mcp-method": "TOOLS/CALL" }],
    ["no method", without("mcp-method")],
    ["another version", { ...right, "mcp-protocol-version": "2025-11-25" }],
    ["no version", without("mcp-protocol-version")],
  ];
  it.each(cases)("%s", async (_what, headers) => {
    const response = await post(where, token, echo, headers);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: -32020 } });
    expect(forwarded()).toEqual([]);
    expect(await rows()).toEqual([]);
    expect(unwrap(await where.stub.listTokens())[0]?.callsToday ?? 0).toBe(0);
  });
});

describe("a body that can be read in two ways is read in one, by policy, log and upstream alike", () => {
  it.each([
    ["allowed, then denied", '"up__echo","name":"up__leak"', "up__leak", []],
    ["denied, then allowed", '"up__leak","name":"up__echo"', "up__echo", ["echo"]],
  ])("a tool named twice: %s", async (_what, name, logged, reached) => {
    await raw(call(`{"name":${name},"arguments":{}}`), reader);
    expect((await rows()).map(({ tool }) => tool)).toEqual([logged]);
    const names = forwarded().map(
      (body) => (JSON.parse(body) as { params: { name: string } }).params.name,
    );
    expect(names).toEqual(reached);
  });

  it.each([
    ['{"amount":1,"amount":1000}', 1000],
    ['{"amount":1000,"amount":1}', 1],
    ['{"amount":1e3}', 1000],
    ['{"amount":1,"__proto__":{"amount":1000}}', 1],
    ['{"__proto__":{"amount":1}}', undefined],
    ['{"constructor":{"prototype":{"amount":1}}}', undefined],
  ])("the arguments %s", async (args, amount) => {
    const small = { name: "small", require: "args.amount < 100", message: "Too much." };
    unwrap(await where.stub.putPolicies([small]));
    await raw(call(`{"name":"up__echo","arguments":${args}}`));
    const [row] = await rows();
    const isAllowed = amount !== undefined && amount < 100;
    expect([row?.outcome, forwarded().length]).toEqual(isAllowed ? ["ok", 1] : ["denied", 0]);
    expect((JSON.parse(row?.arguments ?? "{}") as { amount?: number }).amount).toBe(amount);
    const read = forwarded().map(
      (body) =>
        (JSON.parse(body) as { params: { arguments: { amount: number } } }).params.arguments.amount,
    );
    expect(read).toEqual(isAllowed ? [amount] : []);
    expect(({} as { amount?: number }).amount).toBeUndefined();
  });

  it.each([
    ["a number beyond 2^53", '{"n":9007199254740993}', '{"n":9007199254740992}'],
    ["a number beyond all", '{"n":1e400}', '{"n":null}'],
    ["a lone surrogate", '{"s":"\\ud800x"}', '{"s":"\\ud800x"}'],
    ["a NUL", '{"s":"a\\u0000b"}', '{"s":"a\\u0000b"}'],
    ["a line separator", '{"s":"\\u2028"}', '{"s":"\u2028"}'],
  ])("%s", async (_what, sent, read) => {
    const answer = JSON.parse(await raw(call(`{"name":"up__echo","arguments":${sent}}`))) as {
      result: { content: [{ text: string }] };
    };
    expect(answer.result.content[0].text).toBe(read);
    expect(forwarded()[0]).toContain(`"arguments":${read}`);
    expect((await rows())[0]?.arguments).toBe(read);
  });

  it("a byte order mark is none of its business", async () => {
    const answer = await raw(`\uFEFF${call('{"name":"up__echo","arguments":{"a":1}}')}`);
    expect(answer).toContain('{\\"a\\":1}');
    expect(forwarded()).toHaveLength(1);
  });

  it.each([
    [
      "a method named twice",
      '{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"ping"}',
      "{}",
    ],
    ["an id named twice", '{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}', '"id":2'],
  ])("%s", async (_what, body, holds) => {
    expect(await raw(body)).toContain(holds);
  });
});

describe("the id of a request", () => {
  it.each(["0", "-1", '""', '"__proto__"', '"\\u001b[31m\\r\\n"', `"${"x".repeat(100_000)}"`])(
    "comes back as it was sent: %.30s",
    async (id) => {
      const answer = await (await post(where, token, withId(id))).json<{ id: unknown }>();
      expect(answer.id).toBe(JSON.parse(id));
      expect(await rows()).toHaveLength(1);
    },
  );

  it.each(["null", "[1]", '{"a":1}', "true", "[]"])(
    "%s is none, and nothing is called",
    async (id) => {
      const response = await post(where, token, withId(id));
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.status).toBeLessThan(500);
      expect(await response.json()).toMatchObject({ jsonrpc: "2.0", error: { code: -32600 } });
      expect(forwarded()).toEqual([]);
      expect(await rows()).toEqual([]);
    },
  );

  it("is missing: a notification calls nothing", async () => {
    const { id: _id, ...told } = rpc("tools/call", { name: "up__echo", arguments: {} });
    const response = await post(where, token, told);
    expect([response.status, await response.text()]).toEqual([202, ""]);
    expect(forwarded()).toEqual([]);
  });

  it("is the same in many calls at once: each gets its own answer", async () => {
    const answers = await Promise.all(
      Array.from({ length: 16 }, async (_, n) =>
        (
          await post(where, token, rpc("tools/call", { name: "up__echo", arguments: { n } }))
        ).text(),
      ),
    );
    answers.forEach((text, n) => expect(text).toContain(`{\\"n\\":${n}}`));
  });
});

describe("what a caller makes up is one line in the log", () => {
  const evil = 'x\r\n\u001b[2J{"outcome":"ok"}\u0000\u0085\u2028\u202e<script>';
  const controls = /[^\x20-\x7e]/;

  it.each<[string, () => Promise<unknown>]>([
    ["the tool", () => post(where, token, rpc("tools/call", { name: evil, arguments: {} }))],
    [
      "the name of the client",
      () => {
        const request = modern("tools/call", { name: "up__echo", arguments: {} });
        const meta = request.params["_meta"] as Record<string, unknown>;
        meta["io.modelcontextprotocol/clientInfo"] = { name: evil, version: evil };
        return post(where, token, request, modernHeaders("tools/call", "up__echo"));
      },
    ],
    [
      "the User-Agent",
      () =>
        post(where, token, rpc("tools/call", { name: "up__echo", arguments: {} }), {
          "user-agent": "curl\u001b[31m\u0085\t<script>",
        }),
    ],
    [
      "the tool of a program",
      () => {
        const headers = { authorization: `Bearer ${token}`, "user-agent": "a\u001b[0m" };
        const body = JSON.stringify([{ name: evil, arguments: {} }]);
        return knock({ method: "POST" }, `/ws/${where.identity.slug}/calls`, headers, body);
      },
    ],
    [
      "the tool of call_tool",
      () => {
        const params = { name: "call_tool", arguments: { name: evil, arguments: {} } };
        return post(`${where.identity.slug}?tools=search`, token, rpc("tools/call", params));
      },
    ],
  ])("%s", async (_what, ask) => {
    await ask();
    const all = await rows();
    expect(all).toHaveLength(1);
    const { arguments: _arguments, result: _result, ...row } = all[0]!;
    for (const value of Object.values(row)) expect(String(value)).not.toMatch(controls);
    expect(row.tool.length).toBeLessThanOrEqual(64);
  });
});
