import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { connect, rpc as manage } from "#mcp-server/mcp-client.fixture";
import { tools as management } from "#mcp-server/tools/index";
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
import { finalName } from "../tool-names.ts";
import type { TokenRequest } from "../workspace-api.ts";
import { knock } from "./routes.fixture.ts";

let where: Place;
let seen: Seen;

beforeAll(async () => {
  seen = network({ "up.example": echoServer().fetch });
  where = await place();
  const source = { kind: "external" as const, url: "https://up.example/mcp" };
  unwrap(await where.stub.linkMcp({ alias: "up", source, auth: { type: "none" } }));
});
afterAll(() => {
  vi.restoreAllMocks();
});

/** By final name: what the upstream calls it, and whether it only reads. */
const offered: Readonly<Record<string, { readonly inside: string; readonly reads: boolean }>> = {
  up__echo: { inside: "echo", reads: true },
  up__leak: { inside: "leak", reads: false },
  up__refuse: { inside: "refuse", reads: false },
  [finalName("up", "drop.all")]: { inside: "drop.all", reads: false },
};
const names = Object.keys(offered);

const holders: readonly [string, Partial<TokenRequest>, (name: string) => boolean][] = [
  ["an admin", { role: "admin" }, () => true],
  ["a developer", { role: "developer" }, () => true],
  ["a read-only token", { role: "read-only" }, (name) => offered[name]?.reads === true],
  ["a list of one", { tools: ["up__leak"] }, (name) => name === "up__leak"],
  ["a list beyond its role", { role: "read-only", tools: ["up__leak"] }, () => false],
  ["an empty list", { role: "admin", tools: [] }, () => false],
  ["a list of the upstream's names", { tools: ["echo", "leak", "UP__LEAK", "*"] }, () => false],
];

type Ask = (token: string, name: string) => Promise<string>;

const inMode = (mode: string) => `${where.identity.slug}?tools=${mode}`;
const called = (name: string, input: object = {}) => ({ name, arguments: input });

async function calls(token: string, body: unknown): Promise<string> {
  const path = `/ws/${where.identity.slug}/calls`;
  const authorization = `Bearer ${token}`;
  return (await knock({ method: "POST" }, path, { authorization }, JSON.stringify(body))).text();
}

const callWays: Readonly<Record<string, Ask>> = {
  "tools/call": async (token, name) =>
    (await post(where, token, rpc("tools/call", called(name)))).text(),
  "tools/call of 2026-07-28": async (token, name) => {
    const headers = modernHeaders("tools/call", name);
    return (await post(where, token, modern("tools/call", called(name)), headers)).text();
  },
  "the name in search mode": async (token, name) =>
    (await post(inMode("search"), token, rpc("tools/call", called(name)))).text(),
  call_tool: async (token, name) => {
    const params = called("call_tool", { name, arguments: {} });
    return (await post(inMode("search"), token, rpc("tools/call", params))).text();
  },
  run_code: async (token, name) => {
    const code = `return await tools["${name}"]({});`;
    const params = called("run_code", { code });
    return (await post(inMode("code"), token, rpc("tools/call", params))).text();
  },
  "/calls": (token, name) => calls(token, { calls: [called(name)] }),
  "/calls of OpenAI": (token, name) =>
    calls(token, {
      dialect: "openai",
      calls: [{ type: "function_call", call_id: "1", name, arguments: "{}" }],
    }),
  "/calls with call_tool": (token, name) => {
    const path = `/ws/${inMode("search").replace("?", "/calls?")}`;
    const body = JSON.stringify([called("call_tool", { name, arguments: {} })]);
    const authorization = `Bearer ${token}`;
    return knock({ method: "POST" }, path, { authorization }, body).then((one) => one.text());
  },
};

const listWays: Readonly<Record<string, (token: string) => Promise<string>>> = {
  "tools/list": async (token) => (await post(inMode("direct"), token, rpc("tools/list"))).text(),
  find_tools: async (token) => {
    const params = called("find_tools", { query: "the tool echo leak refuse drop all", limit: 25 });
    return (await post(inMode("search"), token, rpc("tools/call", params))).text();
  },
  "the types of run_code": async (token) =>
    (await post(inMode("code"), token, rpc("tools/list"))).text(),
  "/tools": async (token) => {
    const authorization = `Bearer ${token}`;
    const path = `/ws/${where.identity.slug}/tools`;
    return (await knock({ method: "GET" }, path, { authorization })).text();
  },
};

const reached = () =>
  seen.requests.flatMap(({ body }) => {
    const { method, params } = JSON.parse(body) as { method: string; params?: { name: string } };
    return method === "tools/call" ? [params?.name] : [];
  });

describe.each(holders)("%s", (_who, request, may) => {
  let token: string;
  beforeAll(async () => {
    ({ token } = await where.token(request));
  });

  it.each(Object.entries(listWays))("sees by %s what it may call", async (_way, list) => {
    const text = await list(token);
    expect(names.filter((name) => text.includes(name))).toEqual(names.filter(may));
  });

  it.each(Object.entries(callWays))(
    "calls by %s what it may, and hears of the rest as of what never was",
    async (_way, call) => {
      for (const name of names) {
        const before = reached().length;
        const text = await call(token, name);
        const wanted = may(name) ? [offered[name]?.inside] : [];
        expect([name, reached().slice(before)]).toEqual([name, wanted]);
        if (may(name)) continue;
        const never = `${name.slice(0, -2)}zz`;
        expect((await call(token, never)).replaceAll(never, name)).toBe(text);
      }
    },
  );

  it("is no other for a header that vouches for the owner", async () => {
    const forged = { "aerostack-account": JSON.stringify(where.owner) };
    const honest = await post(where, token, rpc("tools/list"));
    const lying = await post(where, token, rpc("tools/list"), forged);
    expect(await lying.text()).toBe(await honest.text());
  });
});

/** What nobody may set from outside, and what no schema must let through. */
const assigned = {
  role: "admin",
  workspace_id: "wks_other",
  owner_id: "acc_other",
  account_id: "acc_other",
  actor: { kind: "system" },
  operator: true,
  id: "tok_other",
  constructor: {},
};

/** As little as each tool's required arguments; values need not exist. */
const least: Readonly<Record<string, unknown>> = {
  workspace: "no-such-place",
  intent: "x",
  resource: "res_x",
  kind: "function",
  id: "x",
  slug: "@x/y",
  version: "1.0.0",
  run_id: "run_x",
  action: "cancel",
  member: "x",
  name: "x",
  query: "x",
  entry: "@x/y",
  client: "zed",
};

describe.each(Object.values(management))("management by $name", ({ name, input }) => {
  const known = new Set(Object.keys(input.shape));
  const base = Object.fromEntries(Object.entries(least).filter(([field]) => known.has(field)));

  it.each(["admin", "developer", "read-only"] as const)("refuses a token of %s", async (role) => {
    const { token } = await where.token({ role });
    const response = await manage(token, "tools/call", called(name, base));
    expect(response.status).toBe(401);
    expect(await response.text()).toContain("account.key-invalid");
  });

  it("takes no field that it does not name", async () => {
    const { call } = await connect(where.ownerKey);
    const before = JSON.stringify(unwrap(await where.stub.listTokens()));
    for (const [field, value] of Object.entries(assigned)) {
      if (known.has(field)) continue;
      const answer = await call(name, { ...base, [field]: value });
      expect(answer.data, field).toMatchObject({ error: { code: "tool.invalid-arguments" } });
      expect(answer.text).toContain(`"${field}"`);
    }
    expect(JSON.stringify(unwrap(await where.stub.listTokens()))).toBe(before);
  });
});
