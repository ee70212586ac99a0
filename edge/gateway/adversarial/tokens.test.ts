import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { reissueKey } from "#edge/identity/accounts";
import { createCredential } from "#edge/identity/credential";
import { echoServer, network, place, type Place, post, rpc, services } from "../gateway.fixture.ts";
import { base, knock, type Route, routes } from "./routes.fixture.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const workspaceToken = createCredential("wt_");
const accountKey = createCredential("ak_");
const grant = `tok_01HXYZ:aB3dE6gH9jK2mN5p:${"Zz19".repeat(8)}`;

describe("a credential in a URL is refused by every route, with one code, and quoted nowhere", () => {
  const named = [
    "token",
    "Token",
    "ACCESS_TOKEN",
    "access-token",
    "api_key",
    "apikey",
    "X-Api-Key",
    "key",
    "Authorization",
    "bearer",
    "token[]",
    "%74oken",
  ].map((name) => [`the name ${name}`, `${name}=plain-s3cr3t-value`]);
  const valued = [
    ["a workspace token", workspaceToken],
    ["an account key", accountKey],
    ["a token that was cut off", workspaceToken.slice(0, 24)],
    ["a whole header", `Bearer ${accountKey}`],
    ["an access token of OAuth", grant],
  ].map(([what = "", value = ""]) => [what, `x=${encodeURIComponent(value)}`]);
  const later = [["the second of two", `tools=direct&tools=${workspaceToken}`]];
  const cases = [...named, ...valued, ...later] as [string, string][];

  it.each(routes)("$label", async (route) => {
    const written = ["log", "info", "warn", "error", "debug"] as const;
    const spies = written.map((one) => vi.spyOn(console, one));
    for (const [what, query] of cases) {
      const response = await knock(route, `${route.path()}?${query}`);
      const text = await response.text();
      expect([what, response.status], text).toEqual([what, 400]);
      expect(text, what).toContain('"token.in-url"');
      expect(text).not.toMatch(/s3cr3t|wt_[\w-]{16}|ak_[\w-]{16}|Zz19/);
    }
    expect(spies.flatMap(({ mock }) => mock.calls)).toEqual([]);
  });

  it.each(routes.filter(({ parameters }) => parameters.length > 0))(
    "$label, where it stands in the path",
    async (route) => {
      const values = Object.fromEntries(route.parameters.map((one) => [one, accountKey]));
      const response = await knock(route, route.path({ ...values, user: "@nobody" }));
      const text = await response.text();
      expect(response.status).toBe(400);
      expect(text).not.toContain(accountKey);
    },
  );

  it.each([
    ["a mode", "/ws/no-such-place?tools=search", 404],
    ["a dialect", "/ws/no-such-place/tools?dialect=openai&variant=chat", 404],
    ["a search", "/v0.1/servers?search=wt_report&limit=1", 200],
    [
      "a code of another server",
      `/oauth/callback?code=${workspaceToken}&state=ak_${"x".repeat(40)}`,
    ],
    [
      "a state like a token",
      `/oauth/mcp/authorize?client_id=x&state=${grant}&code_challenge=${workspaceToken}`,
    ],
  ])("%s is none", async (_what, path, status?: number) => {
    const response = await knock({ method: "GET" }, path);
    expect(await response.text()).not.toContain("token.in-url");
    if (status !== undefined) expect(response.status).toBe(status);
  });
});

/** Everything that opens for a credential of a workspace, and what it says to a wrong one. */
const doors: readonly [string, (slug: string) => [Pick<Route, "method">, string]][] = [
  ["/ws/:slug", (slug) => [{ method: "POST" }, `/ws/${slug}`]],
  ["/ws/:slug/tools", (slug) => [{ method: "GET" }, `/ws/${slug}/tools`]],
  ["/ws/:slug/calls", (slug) => [{ method: "POST" }, `/ws/${slug}/calls`]],
  ["/ws/:slug/oauth", (slug) => [{ method: "POST" }, `/ws/${slug}/oauth`]],
  ["/e/:slug/:name", (slug) => [{ method: "POST" }, `/e/${slug}/anything`]],
  ["/e/:slug/:name/openapi.json", (slug) => [{ method: "GET" }, `/e/${slug}/x/openapi.json`]],
  ["/mcp", () => [{ method: "POST" }, "/mcp"]],
  ["/mcp/oauth", () => [{ method: "POST" }, "/mcp/oauth"]],
];

describe("a credential that does not belong here is refused like one that never was", () => {
  let mine: Place;
  let wrong: Record<string, string>;
  let whole: string;
  beforeAll(async () => {
    const other = await place();
    mine = await place();
    const issued = await mine.token();
    whole = issued.token;
    const revoked = await mine.token();
    unwrap(await mine.stub.revokeToken({ id: revoked.id }));
    const brief = await mine.token({ expiresAt: Date.now() + 20 });
    const oldKey = (await place()).ownerKey;
    await vi.waitUntil(async () => (await post(mine, brief.token, rpc("ping"))).status === 401);
    const operator = { kind: "account", accountId: "a", name: "operator", operator: true } as const;
    const again = await place();
    await reissueKey(services, operator, { name: again.owner.name });
    wrong = {
      "another workspace's token": (await other.token({ role: "admin" })).token,
      "a revoked token": revoked.token,
      "an expired token": brief.token,
      "a token cut off": whole.slice(0, -1),
      "a token with more behind it": `${whole}A`,
      "a token in the other case": whole.toUpperCase().replace("WT_", "wt_"),
      "a token without its prefix": whole.slice(3),
      "a token with the prefix of a key": whole.replace("wt_", "ak_"),
      "its id": issued.id,
      "a revoked key": again.ownerKey,
      "a key cut off": oldKey.slice(0, -1),
      "a key with the prefix of a token": oldKey.replace("ak_", "wt_"),
    };
  });

  it.each(doors)("at %s", async (_door, at) => {
    const [route, path] = at(mine.identity.slug);
    const answer = async (credential: string) => {
      const response = await knock(route, path, { authorization: `Bearer ${credential}` });
      const challenge = response.headers.get("www-authenticate");
      return [response.status, challenge, await response.text()];
    };
    for (const [what, credential] of Object.entries(wrong)) {
      // A token may be told from a key, by its form alone.
      const form = (["wt_", "ak_"] as const).find((one) => credential.startsWith(one)) ?? "";
      const unknown = await answer(createCredential(form));
      expect(unknown[0]).toBe(401);
      expect([what, ...(await answer(credential))]).toEqual([what, ...unknown]);
    }
  });

  it("a workspace token opens no management, and another account's key no workspace", async () => {
    const stranger = (await place()).ownerKey;
    for (const path of ["/mcp", "/mcp/oauth"]) {
      const response = await knock({ method: "POST" }, path, { authorization: `Bearer ${whole}` });
      expect([path, response.status]).toEqual([path, 401]);
    }
    const statuses = [];
    for (const [, at] of doors.slice(0, 4)) {
      const [route, path] = at(mine.identity.slug);
      statuses.push((await knock(route, path, { authorization: `Bearer ${stranger}` })).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401]);
  });

  it.each<[string, (token: string) => Record<string, string>, number]>([
    ["Bearer", (token) => ({ authorization: `Bearer ${token}` }), 200],
    ["bearer, as RFC 7235 allows", (token) => ({ authorization: `bearer ${token}` }), 200],
    ["two spaces", (token) => ({ authorization: `Bearer  ${token}` }), 200],
    ["no scheme", (token) => ({ authorization: token }), 401],
    ["another scheme", (token) => ({ authorization: `Token ${token}` }), 401],
    ["Basic", (token) => ({ authorization: `Basic ${btoa(`x:${token}`)}` }), 401],
    ["a colon", (token) => ({ authorization: `Bearer: ${token}` }), 401],
    ["a tab", (token) => ({ authorization: `Bearer\t${token}` }), 401],
    ["quotes", (token) => ({ authorization: `Bearer "${token}"` }), 401],
    ["two of them", (token) => ({ authorization: `Bearer ${token}, Bearer ${token}` }), 401],
    ["a wrong one first", (token) => ({ authorization: `Bearer wt_x ${token}` }), 401],
    ["nothing", () => ({ authorization: "Bearer " }), 401],
    ["another header", (token) => ({ "x-api-key": token, "proxy-authorization": token }), 401],
    ["a cookie", (token) => ({ cookie: `token=${token}; authorization=Bearer ${token}` }), 401],
  ])("the header with %s", async (_what, headers, status) => {
    const path = `/ws/${mine.identity.slug}`;
    expect((await knock({ method: "POST" }, path, headers(whole))).status).toBe(status);
  });
});

const claims = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("a session id is no credential", () => {
  const ids: [string, string][] = [
    ["a guessed one", crypto.randomUUID()],
    ["one that claims a role", `${claims({ actor: { kind: "account" }, role: "admin" })}.x`],
    ["one that claims another token", `${claims({ sampling: {}, tokenId: "tok_x" })}.x`],
    ["__proto__", `${Buffer.from('{"__proto__":{"role":"admin"}}').toString("base64url")}.x`],
    ["one cut off", claims({ elicitation: {} }).slice(0, 7)],
    ["no JSON", "%%%"],
    ["a long one", "A".repeat(6000)],
  ];
  it.each(ids)("%s opens nothing and changes nothing", async (_what, id) => {
    network({ "up.example": echoServer().fetch });
    const where = await place();
    const source = { kind: "external" as const, url: "https://up.example/mcp" };
    unwrap(await where.stub.linkMcp({ alias: "up", source, auth: { type: "none" } }));
    const reader = await where.token({ role: "read-only" });
    const session = { "mcp-session-id": id };
    expect((await post(where, undefined, rpc("tools/list"), session)).status).toBe(401);
    for (const request of [
      rpc("tools/list"),
      rpc("tools/call", { name: "up__leak", arguments: {} }),
      rpc("tools/call", { name: "up__echo", arguments: { a: 1 } }),
    ]) {
      const plain = await post(where, reader.token, request);
      const forged = await post(where, reader.token, request, session);
      expect(await forged.text()).toBe(await plain.text());
    }
  });

  it("one of another workspace does not outlive its token", async () => {
    const [mine, other] = [await place(), await place()];
    const { id, token } = await other.token();
    const clientInfo = { name: "t", version: "1" };
    const capabilities = { elicitation: {} };
    const params = { protocolVersion: "2025-11-25", capabilities, clientInfo };
    const opened = await post(other, token, rpc("initialize", params));
    const session = { "mcp-session-id": opened.headers.get("mcp-session-id") ?? "" };
    expect(session["mcp-session-id"]).not.toBe("");
    expect((await post(mine, token, rpc("tools/list"), session)).status).toBe(401);
    expect((await post(other, token, rpc("tools/list"), session)).status).toBe(200);
    unwrap(await other.stub.revokeToken({ id }));
    expect((await post(other, token, rpc("tools/list"), session)).status).toBe(401);
  });
});

it("a ticket opens its own page only, whatever is changed in it", async () => {
  const ticket = createCredential("");
  for (const forged of [ticket, ticket.slice(1), `${ticket}A`, `${ticket}%00`, "..%2f..%2fmcp"]) {
    const response = await fetchPage(forged);
    expect([forged, [404, 410].includes(response.status)]).toEqual([forged, true]);
    expect(await response.text()).not.toContain(base + ticket);
  }
});

function fetchPage(ticket: string): Promise<Response> {
  return knock({ method: "GET" }, `/go/${ticket}`);
}
