import { exports } from "cloudflare:workers";
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
  services,
} from "#edge/gateway/gateway.fixture";
import { createTicket } from "#edge/identity/tickets";
import type { OAuthLink } from "#edge/gateway/workspace-api";
import { ProtectedServer } from "./issuer.fixture.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const resource = "https://mcp.example/mcp";
const issuer = "https://login.example/tenant";
const hosts = ["mcp.example", "login.example"];

function server(): ProtectedServer {
  const echo = echoServer();
  const made = new ProtectedServer(resource, issuer, (request) => echo.fetch(request));
  network(Object.fromEntries(hosts.map((host) => [host, made.fetch])));
  return made;
}

async function link(where: Place, options: Partial<OAuthLink> = {}, url = resource) {
  return unwrap(
    await where.stub.linkMcp({
      alias: "up",
      source: { kind: "external", url },
      auth: { type: "oauth", per: "workspace", base: "https://aerostack.test", ...options },
    }),
  );
}

const leak = { name: "up__leak", arguments: {} };

/** As a client of the initialize era: the text of the result. */
async function call(where: Place, token: string, params: Record<string, unknown> = leak) {
  const response = await post(where, token, rpc("tools/call", params));
  const { result, error } = await response.json<{
    result?: { isError?: boolean; content: { text: string }[] };
    error?: { message: string };
  }>();
  const text = result?.content[0]?.text ?? error?.message ?? "";
  return { isError: result?.isError === true || error !== undefined, text };
}

const linkIn = (text: string) => /https:\/\/aerostack\.test\/go\/[\w-]+/.exec(text)?.[0] ?? "";

/** What a person does: says who they are, signs in there, is sent back. */
async function connect(upstream: ProtectedServer, page: string, credential: string) {
  const went = await exports.default.fetch(page, {
    method: "POST",
    headers: { Accept: "text/html", "Sec-Fetch-Site": "same-origin" },
    body: new URLSearchParams({ credential }),
  });
  const next = /url=(.*)$/.exec(went.headers.get("Refresh") ?? "")?.[1];
  if (!next) return { status: went.status, html: await went.text(), back: "", cookie: "" };
  const cookie = went.headers.get("Set-Cookie")?.split(";", 1)[0] ?? "";
  const signedIn = await upstream.fetch(new Request(next));
  const back = signedIn.headers.get("location") ?? "";
  return { ...(await comeBack(back, cookie)), back, cookie };
}

async function comeBack(back: string, cookie: string) {
  const headers = { Accept: "text/html", ...(cookie ? { Cookie: cookie } : {}) };
  const response = await exports.default.fetch(back, { headers });
  return { status: response.status, html: await response.text() };
}

/** The link that connect_mcp answers with. */
async function firstPage(where: Place, member = ""): Promise<string> {
  const { id: workspaceId, accountId } = where.identity;
  const payload = { alias: "up", member };
  const request = { purpose: "connect", accountId, workspaceId, payload } as const;
  return (await createTicket(services, request)).url;
}

/** A workspace whose owner has connected the server for all. */
async function connected(options: Partial<OAuthLink> = {}) {
  const upstream = server();
  const where = await place();
  expect((await link(where, options)).state).toBe("needs-connection");
  const member = options.per === "member" ? `@${where.owner.name}` : "";
  const first = await connect(upstream, await firstPage(where, member), where.ownerKey);
  expect(first, first.html).toMatchObject({ status: 200 });
  expect(unwrap(await where.stub.listLinks())).toMatchObject([{ state: "ready" }]);
  const { token } = await where.token({ role: "admin" });
  return { upstream, where, token, first };
}

it("a call of a server that nobody is signed in at answers with a link, and the retry works", async () => {
  const { upstream, where, token } = await connected();
  expect(await call(where, token)).toMatchObject({ isError: false });
  upstream.forget(true);
  const asked = await call(where, token);
  expect(asked).toMatchObject({ isError: true });
  expect(asked.text).toContain("mcp.not-connected");
  expect((await call(where, token)).text, "one page for all who wait").toBe(asked.text);
  expect(await connect(upstream, linkIn(asked.text), token)).toMatchObject({ status: 200 });
  expect(await call(where, token)).toMatchObject({ isError: false });
});

it("a modern client that can show pages is asked to, and its answer stays here", async () => {
  const { upstream, where, token } = await connected();
  upstream.forget(true);
  const asking = async (extra: Record<string, unknown> = {}) => {
    const message = modern("tools/call", { name: "up__echo", arguments: {}, ...extra });
    const meta = message.params["_meta"] as Record<string, unknown>;
    meta["io.modelcontextprotocol/clientCapabilities"] = { elicitation: { url: {} } };
    const headers = modernHeaders("tools/call", "up__echo");
    const answer = await post(where, token, message, headers);
    return answer.json<{ result: Record<string, unknown> }>();
  };
  const { result } = await asking();
  expect(result).toMatchObject({
    resultType: "input_required",
    inputRequests: { "aerostack-connect": { method: "elicitation/create" } },
  });
  const page = linkIn(JSON.stringify(result));
  expect(await connect(upstream, page, token)).toMatchObject({ status: 200 });
  const again = await asking({ inputResponses: { "aerostack-connect": { action: "accept" } } });
  expect(again.result).toMatchObject({ resultType: "complete" });
});

describe("an access token", () => {
  it("that is over is renewed once, however many calls wait for it", async () => {
    const { upstream, where, token } = await connected();
    const before = upstream.count("/token");
    upstream.forget();
    const answers = await Promise.all(Array.from({ length: 8 }, () => call(where, token)));
    expect(answers.every((one) => !one.isError)).toBe(true);
    expect(upstream.count("/token")).toBe(before + 1);
  });

  it("is renewed before it ends, in the name of the resource", async () => {
    const upstream = server();
    upstream.expiresIn = 5;
    const where = await place();
    await link(where);
    await connect(upstream, await firstPage(where), where.ownerKey);
    const { token } = await where.token();
    const before = upstream.count("/token");
    expect(await call(where, token)).toMatchObject({ isError: false });
    expect(upstream.count("/token")).toBeGreaterThan(before);
    const refresh = upstream.asked.findLast(({ path }) => path.endsWith("/token"));
    expect(refresh?.form).toMatchObject({ grant_type: "refresh_token", resource });
  });

  it("survives an authorization server that is down, and is used when that works again", async () => {
    const { upstream, where, token } = await connected();
    upstream.forget();
    upstream.failing = 503;
    const failed = await call(where, token);
    expect(failed.text).toContain("mcp.refresh-failed");
    upstream.failing = undefined;
    expect(await call(where, token)).toMatchObject({ isError: false });
  });

  it("stands in no answer, log or list", async () => {
    const { where, token } = await connected();
    const { text } = await call(where, token);
    expect(text).toContain("grace@upstream");
    const seen = JSON.stringify([
      unwrap(await where.stub.describe()),
      unwrap(await where.stub.listSecrets()),
      unwrap(await where.stub.callLog({})),
    ]);
    expect(seen).not.toMatch(/at-|rt-|oauth:/);
  });
});

it("a call that needs more permission leads to a page, and the retry works", async () => {
  const { upstream, where, token } = await connected();
  upstream.neededScope = "write";
  const asked = await call(where, token);
  expect(asked.text).toContain("read write");
  expect(await connect(upstream, linkIn(asked.text), token)).toMatchObject({ status: 200 });
  expect(await call(where, token)).toMatchObject({ isError: false });
});

/** Ada and Bob, each by themselves, and the owner once more for all. */
async function everybodySignedIn() {
  const { upstream, where } = await connected({ per: "member" });
  const signIn = async (user: string, page: string, credential: string) => {
    upstream.user = user;
    expect(await connect(upstream, page, credential)).toMatchObject({ status: 200 });
  };
  await signIn("everybody@upstream", await firstPage(where, ""), where.ownerKey);
  const tokens: Record<string, string> = {};
  for (const member of ["ada", "bob"]) {
    const { token } = await where.token({ member });
    tokens[member] = token;
    await signIn(`${member}@upstream`, linkIn((await call(where, token)).text), token);
    expect((await call(where, token)).text).toContain(`${member}@upstream`);
  }
  return { upstream, where, tokens };
}

describe("where each member signs in", () => {
  it("everybody uses their own account, and nobody another's", async () => {
    const { upstream, where } = await connected({ per: "member" });
    const ada = (await where.token({ member: "ada" })).token;
    const bob = (await where.token({ member: "bob" })).token;
    const page = linkIn((await call(where, ada)).text);
    upstream.user = "ada@upstream";
    expect(await connect(upstream, page, bob), "not ada").toMatchObject({ status: 403 });
    expect(await connect(upstream, page, where.ownerKey)).toMatchObject({ status: 403 });
    expect(await connect(upstream, page, ada)).toMatchObject({ status: 200 });
    expect((await call(where, ada)).text).toContain("ada@upstream");
    expect((await call(where, bob)).text).toContain("mcp.not-connected");
    expect((await call(where, where.ownerKey)).text).toContain("grace@upstream");
    const run = { kind: "system", workspaceId: where.identity.id } as const;
    const inside = await where.stub.callTool({ actor: run, ...leak });
    expect(JSON.stringify(inside)).toContain("not-connected");
  });

  it("a member whom the server refuses is not let in by another's sign-in, nor by one for all", async () => {
    const { upstream, where, tokens } = await everybodySignedIn();
    // Gone are the access token and the one that would renew it.
    upstream.signOut("ada@upstream");
    upstream.callers.length = 0;
    const answers = await Promise.all(
      ["ada", "bob", "ada", "bob"].map((member) => call(where, tokens[member] ?? "")),
    );
    expect(answers.map(({ isError }) => isError)).toEqual([true, false, true, false]);
    expect(answers[0]?.text).toContain("mcp.not-connected");
    expect(JSON.stringify([answers[0], answers[2]])).not.toMatch(/bob@|everybody@|grace@/);
    expect(new Set(upstream.callers)).toEqual(new Set(["ada@upstream", "bob@upstream"]));
    expect(upstream.callers.filter((user) => user === "bob@upstream")).toHaveLength(2);
    // Also from then on, when there is no sign-in of hers any more.
    upstream.callers.length = 0;
    expect((await call(where, tokens["ada"] ?? "")).text).toContain("mcp.not-connected");
    expect(upstream.callers).toEqual([]);
  });

  it("renewals at the same moment stay apart", async () => {
    const { upstream, where, tokens } = await everybodySignedIn();
    upstream.forget();
    const members = ["ada", "bob", "bob", "ada"];
    const answers = await Promise.all(members.map((one) => call(where, tokens[one] ?? "")));
    members.forEach((one, at) => expect(answers[at]?.text).toContain(`${one}@upstream`));
  });

  it("a member who is removed leaves no sign-in behind", async () => {
    const { upstream, where } = await connected({ per: "member" });
    const first = await where.token({ member: "ada" });
    await connect(upstream, linkIn((await call(where, first.token)).text), first.token);
    expect(await call(where, first.token)).toMatchObject({ isError: false });
    unwrap(await where.stub.revokeToken({ member: "ada" }));
    const next = await where.token({ member: "ada" });
    expect((await call(where, next.token)).text).toContain("mcp.not-connected");
  });
});

describe("the way back", () => {
  it("works once, in the browser that left, with what we sent it off with", async () => {
    const upstream = server();
    const where = await place();
    await link(where);
    const done = await connect(upstream, await firstPage(where), where.ownerKey);
    expect(await comeBack(done.back, done.cookie)).toMatchObject({ status: 410 });
    expect(await comeBack(done.back, "")).toMatchObject({ status: 410 });
    const foreign = done.back.replace(
      /state=[^&]*/,
      `state=${where.identity.id}.${"x".repeat(43)}`,
    );
    expect(await comeBack(foreign, done.cookie)).toMatchObject({ status: 410 });
  });

  it("is refused from another issuer than the one that was asked", async () => {
    const upstream = server();
    upstream.wrongIss = "https://evil.example";
    const where = await place();
    await link(where);
    const before = upstream.count("/token");
    const ended = await connect(upstream, await firstPage(where), where.ownerKey);
    expect(ended.status).toBe(502);
    expect(upstream.count("/token"), "the code went nowhere").toBe(before);
    expect(unwrap(await where.stub.listLinks())).toMatchObject([{ state: "needs-connection" }]);
  });
});

it.each<[string, Record<string, unknown>]>([
  ["a private authorization server", { authorization_servers: ["https://169.254.169.254/"] }],
  ["another resource", { resource: "https://other.example/mcp" }],
  ["another issuer in its metadata", { issuer: "https://evil.example" }],
  ["a private token endpoint", { token_endpoint: "https://10.0.0.8/token" }],
  ["no page but a script", { authorization_endpoint: "javascript:alert(1)" }],
])("a server that names %s is not connected", async (_what, claims) => {
  const upstream = server();
  upstream.claims = claims;
  const where = await place();
  await link(where);
  const ended = await connect(upstream, await firstPage(where), where.ownerKey);
  expect(ended.status, ended.html).toBeGreaterThanOrEqual(400);
  expect(ended.html).not.toContain("javascript:alert");
  expect(unwrap(await where.stub.listLinks())).toMatchObject([{ state: "needs-connection" }]);
});

it("a link that moved to another server takes no token along", async () => {
  const { upstream, where, token } = await connected();
  const moved = new ProtectedServer("https://other.example/mcp", issuer, upstream.fetch);
  const seen = network({ "other.example": moved.fetch, "login.example": upstream.fetch });
  await link(where, {}, "https://other.example/mcp");
  await call(where, token);
  expect(seen.requests.some(({ headers }) => headers.get("authorization"))).toBe(false);
});
