import { afterEach, describe, expect, it, vi } from "vitest";
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
} from "./gateway.fixture.ts";
import type { LinkState, McpLink } from "./workspace-api.ts";
import type { CallLogRow } from "./records.ts";

const canary = 'canary/+"s3cr3t"\\of the upstream';
const bearerAuth: McpLink["auth"] = {
  type: "header",
  header: "Authorization",
  value: "Bearer {{ secret }}",
  secret: "UP_TOKEN",
};

afterEach(() => {
  vi.restoreAllMocks();
});

async function linked(where: Place, link: Partial<McpLink> = {}): Promise<LinkState> {
  const source = { kind: "external" as const, url: "https://up.example/mcp" };
  return unwrap(await where.stub.linkMcp({ alias: "up", source, auth: { type: "none" }, ...link }));
}

async function call(where: Place, token: string, name: string, input: unknown = {}) {
  const response = await post(where, token, rpc("tools/call", { name, arguments: input }));
  return response.json<{ result?: Record<string, unknown>; error?: { code: number } }>();
}

async function toolNames(where: Place, token: string): Promise<string[]> {
  const response = await post(where, token, rpc("tools/list"));
  const { result } = await response.json<{ result: { tools: { name: string }[] } }>();
  return result.tools.map(({ name }) => name);
}

async function logRows(where: Place): Promise<CallLogRow[]> {
  return unwrap(await where.stub.callLog({}));
}

describe("who may enter", () => {
  it("no, a wrong and a foreign token are refused alike, without OAuth discovery", async () => {
    const [mine, other] = [await place(), await place()];
    const foreign = await other.token();
    const answers = await Promise.all(
      [undefined, "wt_wrong", foreign.token, other.ownerKey].map(async (token) => {
        const response = await post(mine, token, rpc("tools/list"));
        return [response.status, response.headers.get("www-authenticate"), await response.text()];
      }),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]?.slice(0, 2)).toEqual([401, "Bearer"]);
    expect(answers[0]?.[2]).toContain("token.invalid");
  });

  it("the owner's account key enters as admin, and the header that vouches for it cannot be sent", async () => {
    const where = await place();
    expect((await post(where, where.ownerKey, rpc("tools/list"))).status).toBe(200);
    const forged = { "aerostack-account": JSON.stringify(where.owner) };
    expect((await post(where, undefined, rpc("tools/list"), forged)).status).toBe(401);
  });

  it("a revoked token is refused by the next call, an expired one too", async () => {
    const where = await place();
    const { id, token } = await where.token();
    const brief = await where.token({ expiresAt: Date.now() + 20 });
    expect((await post(where, token, rpc("tools/list"))).status).toBe(200);
    expect(unwrap(await where.stub.revokeToken({ id }))).toEqual({ revoked: [id] });
    expect((await post(where, token, rpc("tools/list"))).status).toBe(401);
    await vi.waitUntil(async () => (await post(where, brief.token, rpc("ping"))).status === 401);
  });

  it("revoking a member ends all of that member's tokens and nobody else's", async () => {
    const where = await place();
    const [one, two] = [await where.token(), await where.token()];
    const other = await where.token({ member: "bob" });
    expect(unwrap(await where.stub.revokeToken({ member: "ada" })).revoked).toHaveLength(2);
    const statuses = await Promise.all(
      [one, two, other].map(
        async ({ token }) => (await post(where, token, rpc("tools/list"))).status,
      ),
    );
    expect(statuses).toEqual([401, 401, 200]);
  });

  it("an unknown workspace is 404 with and without a token", async () => {
    const answers = await Promise.all(
      [undefined, "wt_x"].map(async (token) => {
        const response = await post("not-there", token, rpc("tools/list"));
        return [response.status, await response.text()];
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.[0]).toBe(404);
  });

  it.each(["__proto__", "constructor", "toString"])("the method %s is unknown", async (method) => {
    const where = await place();
    const { token } = await where.token();
    for (const [body, headers] of [
      [rpc(method), {}],
      [modern(method), modernHeaders(method)],
    ] as const) {
      const response = await post(where, token, body, headers);
      expect(await response.text()).toContain("-32601");
    }
  });

  it("a foreign origin is 403, and a token in the URL is refused", async () => {
    const where = await place();
    const { token } = await where.token();
    const origin = { origin: "https://evil.example" };
    expect((await post(where, token, rpc("tools/list"), origin)).status).toBe(403);
    expect((await post(`${where.identity.slug}?token=${token}`, token, rpc("ping"))).status).toBe(
      400,
    );
  });
});

describe("tools of upstreams", () => {
  it("appear under stable names and answer in both eras", async () => {
    network({ "up.example": echoServer().fetch });
    const where = await place();
    const { token } = await where.token();
    const state = await linked(where);
    expect(state).toMatchObject({ state: "ready" });
    expect(await toolNames(where, token)).toEqual([...state.tools].sort());
    expect(state.tools.find((name) => name.startsWith("up__drop_all_"))).toBeDefined();
    const legacy = await call(where, token, "up__echo", { a: 1 });
    expect(legacy.result).toEqual({ content: [{ type: "text", text: '{"a":1}' }] });
    const params = { name: "up__echo", arguments: { a: 2 } };
    const response = await post(
      where,
      token,
      modern("tools/call", params),
      modernHeaders("tools/call", "up__echo"),
    );
    expect(await response.json()).toMatchObject({
      result: { resultType: "complete", content: [{ text: '{"a":2}' }] },
    });
  });

  it("a header that disagrees with the body stops a call before the upstream", async () => {
    const seen = network({ "up.example": echoServer().fetch });
    const where = await place();
    const { token } = await where.token();
    await linked(where);
    const before = seen.requests.length;
    const params = { name: "up__drop_all", arguments: {} };
    const headers = modernHeaders("tools/call", "up__echo");
    const response = await post(where, token, modern("tools/call", params), headers);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: -32020 } });
    expect(seen.requests).toHaveLength(before);
  });

  it("one call is one upstream request, and neither token nor cookie of the caller goes along", async () => {
    const seen = network({ "up.example": echoServer().fetch });
    const where = await place();
    const { token } = await where.token();
    await linked(where);
    const before = seen.requests.length;
    const body = rpc("tools/call", { name: "up__echo", arguments: {} });
    await post(where, token, body, { cookie: "a=b", "x-api-key": "mine" });
    expect(seen.requests).toHaveLength(before + 1);
    const { headers } = seen.requests.at(-1)!;
    expect([headers.get("authorization"), headers.get("cookie"), headers.get("x-api-key")]).toEqual(
      [null, null, null],
    );
  });

  it("concurrent calls get their own answers", async () => {
    network({ "up.example": echoServer().fetch });
    const where = await place();
    const { token } = await where.token();
    await linked(where);
    const answers = await Promise.all(
      Array.from({ length: 32 }, async (_, nonce) => call(where, token, "up__echo", { nonce })),
    );
    expect(answers.map(({ result }) => JSON.stringify(result?.["content"]))).toEqual(
      answers.map((_, nonce) => JSON.stringify([{ type: "text", text: `{"nonce":${nonce}}` }])),
    );
  });

  it("an upstream that is down keeps its tools listed, fails its own calls and nobody else's", async () => {
    const hosts = { "up.example": echoServer().fetch, "two.example": echoServer().fetch };
    network(hosts);
    const where = await place();
    const { token } = await where.token();
    await linked(where);
    await linked(where, {
      alias: "two",
      source: { kind: "external", url: "https://two.example/" },
    });
    network({ "two.example": echoServer().fetch });
    expect(await toolNames(where, token)).toContain("up__echo");
    const failed = await call(where, token, "up__echo");
    expect(failed.result).toMatchObject({
      isError: true,
      _meta: { "dev.aerostack/error": { code: "mcp.unreachable" } },
    });
    expect((await call(where, token, "two__echo")).result).toMatchObject({
      content: [{ text: "{}" }],
    });
    const outcomes = (await logRows(where)).map(({ mcp, outcome, errorCode }) => [
      mcp,
      outcome,
      errorCode,
    ]);
    expect(outcomes).toEqual([
      ["two", "ok", undefined],
      ["up", "failed", "mcp.unreachable"],
    ]);
  });

  it("linking another server renames nothing, and a taken name stays with its owner", async () => {
    network({ "up.example": echoServer().fetch, "two.example": echoServer().fetch });
    const where = await place();
    const first = await linked(where);
    const { token } = await where.token();
    await linked(where, { alias: "", source: { kind: "external", url: "https://two.example/" } });
    const names = await toolNames(where, token);
    expect(names).toEqual(expect.arrayContaining([...first.tools, "echo"]));
    const bad = await where.stub.linkMcp({
      alias: "a__b",
      source: { kind: "external", url: "https://up.example/" },
      auth: { type: "none" },
    });
    expect(bad).toMatchObject({ ok: false, error: { code: "mcp.alias" } });
  });

  it("a server at a private address is not linked", async () => {
    const where = await place();
    const states = await Promise.all(
      ["http://169.254.169.254/", "http://10.0.0.1/mcp", "https://user:pw@up.example/"].map((url) =>
        where.stub.linkMcp({
          alias: "up",
          source: { kind: "external", url },
          auth: { type: "none" },
        }),
      ),
    );
    expect(states.map(({ ok }) => ok)).toEqual([false, false, false]);
  });
});

describe("credentials", () => {
  it("a link waits for its secret, works once it is entered, and only the upstream sees it", async () => {
    const seen = network({ "up.example": echoServer().fetch });
    const where = await place();
    const { token } = await where.token();
    expect(await linked(where, { auth: bearerAuth })).toMatchObject({ state: "needs-secret" });
    expect(seen.requests).toHaveLength(0);
    unwrap(await where.stub.putSecret("UP_TOKEN", canary));
    expect(await toolNames(where, token)).toContain("up__leak");
    const leaked = await call(where, token, "up__leak");
    expect(seen.requests.at(-1)?.headers.get("authorization")).toBe(`Bearer ${canary}`);
    const refused = await call(where, token, "up__refuse");
    const everything = JSON.stringify([
      leaked,
      refused,
      await logRows(where),
      unwrap(await where.stub.describe()),
      unwrap(await where.stub.callLog({})),
    ]);
    expect(everything).toContain("[redacted]");
    for (const form of forms(canary)) expect(everything).not.toContain(form);
  });

  it("a server that does not answer neither delays nor fails the person who saves", async () => {
    network({ "up.example": () => new Promise<Response>(() => undefined) });
    const where = await place();
    await linked(where, { auth: bearerAuth });
    expect(await where.stub.putSecret("UP_TOKEN", canary)).toMatchObject({ ok: true });
    expect(unwrap(await where.stub.listSecrets())).toMatchObject([{ state: "set" }]);
  }, 5_000);

  it("a secret goes to no host that it is not bound to", async () => {
    network({ "up.example": echoServer().fetch, "evil.example": echoServer().fetch });
    const where = await place();
    await linked(where, { auth: bearerAuth });
    unwrap(await where.stub.putSecret("UP_TOKEN", canary));
    const elsewhere = await where.stub.linkMcp({
      alias: "evil",
      source: { kind: "external", url: "https://evil.example/" },
      auth: bearerAuth,
    });
    expect(elsewhere).toMatchObject({ ok: false, error: { code: "secret.host-not-allowed" } });
    expect(await where.stub.releaseSecrets(["UP_TOKEN"], "evil.example")).toMatchObject({
      ok: false,
    });
    expect(unwrap(await where.stub.releaseSecrets(["UP_TOKEN"], "up.example"))).toEqual({
      UP_TOKEN: canary,
    });
  });

  it("a redirect is not followed, so that the credential stays with its host", async () => {
    const seen = network({
      "up.example": async () => Response.redirect("https://evil.example/", 307),
      "evil.example": echoServer().fetch,
    });
    const where = await place();
    expect(await linked(where, { auth: bearerAuth })).toMatchObject({ state: "needs-secret" });
    unwrap(await where.stub.putSecret("UP_TOKEN", canary));
    expect(unwrap(await where.stub.listLinks())).toMatchObject([{ state: "unavailable" }]);
    expect(seen.requests.every(({ url }) => url.startsWith("https://up.example/"))).toBe(true);
  });

  it("a URL secret is bound to its own host", async () => {
    const where = await place();
    const declared = { name: "HOOK", purpose: "posts", kind: "url" as const, hosts: [] };
    unwrap(await where.stub.declareSecret(declared));
    expect(await where.stub.putSecret("HOOK", "no url")).toMatchObject({ ok: false });
    unwrap(await where.stub.putSecret("HOOK", "https://hooks.example/abc"));
    expect(unwrap(await where.stub.listSecrets())).toMatchObject([
      { name: "HOOK", state: "set", version: 1, hosts: ["hooks.example"] },
    ]);
    expect(unwrap(await where.stub.releaseUrl("HOOK"))).toBe("https://hooks.example/abc");
  });
});

function forms(value: string): string[] {
  const inner = btoa(value).slice(4, -4);
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    inner,
    btoa(`Bearer ${value}`),
  ];
}

describe("roles and lists", () => {
  it("a read-only token sees and calls only read-only tools; a denied tool looks unknown", async () => {
    network({ "up.example": echoServer().fetch });
    const where = await place();
    const reader = await where.token({ role: "read-only" });
    await linked(where);
    expect(await toolNames(where, reader.token)).toEqual(["up__echo"]);
    const [denied, unknown] = await Promise.all(
      ["up__leak", "up__nope"].map((name) => call(where, reader.token, name)),
    );
    expect(JSON.stringify(denied)).toBe(JSON.stringify(unknown).replace("up__nope", "up__leak"));
    const rows = await logRows(where);
    expect(rows.map(({ outcome }) => outcome)).toEqual(["denied", "denied"]);
  });

  it("an allow list holds for listing and calling alike", async () => {
    network({ "up.example": echoServer().fetch });
    const where = await place();
    const { token } = await where.token({ tools: ["up__leak"] });
    await linked(where);
    expect(await toolNames(where, token)).toEqual(["up__leak"]);
    expect((await call(where, token, "up__echo")).error?.code).toBe(-32602);
  });

  it("usage counts what the log holds", async () => {
    network({ "up.example": echoServer().fetch });
    const where = await place();
    const { token } = await where.token();
    await linked(where);
    for (let count = 0; count < 12; count++) await call(where, token, "up__echo", { count });
    await call(where, token, "up__refuse");
    expect(await logRows(where)).toHaveLength(13);
    expect(unwrap(await where.stub.usage({ by: "tool" }))).toMatchObject([
      { key: "up__echo", calls: 12, errors: 0 },
      { key: "up__refuse", calls: 1, errors: 1 },
    ]);
    expect(unwrap(await where.stub.usage({ by: "member" }))).toMatchObject([
      { key: "ada", calls: 13 },
    ]);
  });
});

describe("bad input", () => {
  it.each([
    ["no JSON", "{", 400, -32700],
    ["a batch", JSON.stringify([rpc("tools/list")]), 400, -32600],
    ["deep JSON", `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`, 400, -32600],
    ["5 MB", JSON.stringify(rpc("tools/list", { a: "x".repeat(5_000_000) })), 413, -32600],
  ])("%s is refused clearly, and the next call works", async (_what, body, status, code) => {
    const where = await place();
    const { token } = await where.token();
    const response = await post(where, token, body);
    expect(response.status).toBe(status);
    const { error } = await response.json<{ error: { code: number; data: { fix: string } } }>();
    expect(error.code).toBe(code);
    expect(error.data.fix).toBeTruthy();
    expect((await post(where, token, rpc("tools/list"))).status).toBe(200);
  });

  it("a slug that is reserved, malformed or taken makes no workspace", async () => {
    const { createWorkspace } = await import("./directory.ts");
    const { services } = await import("./gateway.fixture.ts");
    const where = await place();
    const codes = await Promise.all(
      ["api", "a", "A-b", "-x-", where.identity.slug].map((slug) =>
        createWorkspace(services, where.owner, { slug, name: "x" }).catch(
          (error: { code: string }) => error.code,
        ),
      ),
    );
    expect(codes).toEqual([...Array<string>(4).fill("workspace.slug"), "workspace.slug-taken"]);
  });
});
