import { auth, Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { auth as olderAuth } from "@modelcontextprotocol/sdk/client/auth.js";
import { describe, expect, it } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { place, type Place } from "#edge/gateway/gateway.fixture";
import {
  atBase,
  call,
  decide,
  grantsOf,
  letIn,
  post,
  signIn,
  urlOf,
  wire,
} from "./client.fixture.ts";
import { ClientMemory } from "./client-memory.fixture.ts";

const client = () =>
  new Client({ name: "t", version: "1" }, { versionNegotiation: { mode: "auto" } });

describe("a client of the modern SDK", () => {
  it("finds its way from a 401 to tools, in the name of a member", async () => {
    const where = await place();
    const { token } = await where.token({ member: "grace", role: "developer" });
    const memory = new ClientMemory();
    const serverUrl = urlOf(where);
    const options = { authProvider: memory, fetch: wire };
    const transport = () => new StreamableHTTPClientTransport(serverUrl, options);
    await expect(client().connect(transport())).rejects.toThrow("Unauthorized");
    const page = memory.authorizationUrl!;
    const back = await decide(page, await signIn(page, token));
    expect(back.searchParams.get("state")).toBe("state-of-the-client");
    await transport().finishAuth(back.searchParams);
    const connected = client();
    await connected.connect(transport());
    expect((await connected.listTools()).tools).toEqual([]);
    await connected.close();
    expect(await grantsOf(where)).toMatchObject([
      { member: "grace", role: "developer", client: "Test client" },
    ]);
  });

  it("refreshes its access, and the former refresh token is of no use later", async () => {
    const where = await place();
    const { memory } = await letIn(urlOf(where), where.ownerKey);
    const first = memory.kept!;
    expect(await auth(memory, { serverUrl: urlOf(where), fetchFn: wire })).toBe("AUTHORIZED");
    expect(memory.kept!.access_token).not.toBe(first.access_token);
    expect(memory.kept!.refresh_token).not.toBe(first.refresh_token);
    expect(await auth(memory, { serverUrl: urlOf(where), fetchFn: wire })).toBe("AUTHORIZED");
    expect((await call(urlOf(where), memory.kept!.access_token)).status).toBe(200);
    memory.kept = first;
    expect(await auth(memory, { serverUrl: urlOf(where), fetchFn: wire })).toBe("REDIRECT");
  });
});

it("a client of the older SDK gets in, too", async () => {
  const where = await place();
  const memory = new ClientMemory() as never as Parameters<typeof olderAuth>[0] & ClientMemory;
  const serverUrl = urlOf(where);
  expect(await olderAuth(memory, { serverUrl, fetchFn: wire })).toBe("REDIRECT");
  const page = memory.authorizationUrl!;
  const back = await decide(page, await signIn(page, where.ownerKey));
  const authorizationCode = back.searchParams.get("code")!;
  await olderAuth(memory, { serverUrl, authorizationCode, fetchFn: wire });
  expect((await call(serverUrl, memory.kept!.access_token)).status).toBe(200);
  const searching = new URL("?tools=search", serverUrl);
  expect((await call(searching, memory.kept!.access_token)).status, "with a query").toBe(200);
});

it("an access token opens the one place that it was made for", async () => {
  const [a, b] = [await place(), await place()];
  const mcp = atBase("/mcp/oauth");
  const tokens = {
    a: (await letIn(urlOf(a), a.ownerKey)).token,
    b: (await letIn(urlOf(b), b.ownerKey)).token,
    mcp: (await letIn(mcp, a.ownerKey)).token,
  };
  const doors = { a: urlOf(a), b: urlOf(b), mcp };
  for (const [name, token] of Object.entries(tokens)) {
    for (const [door, url] of Object.entries(doors)) {
      expect((await call(url, token)).status, `${name} at ${door}`).toBe(name === door ? 200 : 401);
    }
    for (const plain of [`/ws/${a.identity.slug}`, "/mcp"]) {
      expect((await call(atBase(plain), token)).status, `${name} at ${plain}`).toBe(401);
    }
  }
  for (const url of Object.values(doors)) {
    expect((await call(url, a.ownerKey)).status, "a key is no OAuth token").toBe(401);
  }
});

it("the client gets the role that the person chose, and none above their own", async () => {
  const where = await place();
  const { token } = await where.token({ member: "grace", role: "developer", tools: ["x__y"] });
  await letIn(urlOf(where), token, { role: "read-only" });
  expect(await grantsOf(where)).toMatchObject([{ role: "read-only", tools: ["x__y"] }]);
  await expect(letIn(urlOf(where), token, { role: "admin" })).rejects.toThrow("403");
  expect(await grantsOf(where)).toHaveLength(1);
});

describe("what is made from a token", () => {
  it("ends when that token does", async () => {
    const where = await place();
    const expiresAt = Date.now() + 3_600_000;
    const { token } = await where.token({ member: "grace", expiresAt });
    await letIn(urlOf(where), token);
    expect(await grantsOf(where)).toMatchObject([{ member: "grace", expiresAt }]);
  });

  it("is not made any more when that token was revoked after the sign-in", async () => {
    const where = await place();
    const shown = await where.token({ member: "grace" });
    const page = await asking(where);
    const consent = await signIn(page, shown.token);
    unwrap(await where.stub.revokeToken({ id: shown.id }));
    await expect(decide(page, consent)).rejects.toThrow("401");
    expect(await grantsOf(where)).toEqual([]);
  });
});

describe("access ends at once, refresh included,", () => {
  const ways: [string, (where: Place, id: string) => Promise<unknown>][] = [
    ["the member", ({ stub }) => stub.revokeToken({ member: "grace" })],
    ["the token that was shown", ({ stub }, id) => stub.revokeToken({ id })],
    ["the grant", async (where) => where.stub.revokeToken({ id: (await grantsOf(where))[0]!.id })],
  ];
  it.each(ways)("when an admin revokes %s", async (_what, revoke) => {
    const where = await place();
    const shown = await where.token({ member: "grace" });
    const { memory, token } = await letIn(urlOf(where), shown.token);
    expect((await call(urlOf(where), token)).status).toBe(200);
    await revoke(where, shown.id);
    const refused = await call(urlOf(where), token);
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toContain("resource_metadata=");
    const again = await auth(memory, { serverUrl: urlOf(where), fetchFn: wire });
    expect(again).toBe("REDIRECT");
  });

  it("when its client gives it back", async () => {
    const where = await place();
    const { memory, token } = await letIn(urlOf(where), where.ownerKey);
    const { client_id } = memory.clientInformation()!;
    const endpoint = atBase(`/oauth/ws/${where.identity.slug}/token`);
    const given = await post(endpoint, { token: memory.kept!.refresh_token!, client_id });
    expect(given.status).toBe(200);
    expect((await call(urlOf(where), token)).status).toBe(401);
    await expect.poll(async () => (await grantsOf(where))[0]?.revokedAt).toBeTypeOf("number");
  });

  it("but nobody can give back what is not a grant of theirs", async () => {
    const where = await place();
    const { id, token } = await where.token();
    await letIn(urlOf(where), token);
    const endpoint = atBase(`/oauth/ws/${where.identity.slug}/token`);
    const [grant] = await grantsOf(where);
    for (const guessed of [id, grant!.id]) {
      await post(endpoint, { token: `${guessed}:x:y`, client_id: "nobody" });
    }
    expect(unwrap(await where.stub.authenticate(token)).tokenId).toBe(id);
    expect((await grantsOf(where))[0]?.revokedAt).toBeUndefined();
  });
});

async function asking(where: Place) {
  const memory = new ClientMemory();
  await auth(memory, { serverUrl: urlOf(where), fetchFn: wire });
  return memory.authorizationUrl!;
}

describe("the page", () => {
  it("says who asks for what, and lets no script, frame or cache near", async () => {
    const where = await place();
    const url = await asking(where);
    const shown = await wire(url, { headers: { Accept: "text/html" } });
    expect(await shown.text()).toContain("Test client");
    expect(shown.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(shown.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(shown.headers.get("cache-control")).toBe("no-store");
    const { html } = await signIn(url, where.ownerKey);
    for (const part of ["Test client", where.identity.name, `@${where.owner.name}`, "127.0.0.1"]) {
      expect(html).toContain(part);
    }
    expect(html).not.toContain(where.ownerKey);
  });

  it("refuses another account's key, another workspace's token and nonsense alike", async () => {
    const [where, other] = [await place(), await place()];
    const url = await asking(where);
    const pages = await Promise.all(
      [other.ownerKey, (await other.token()).token, "nonsense"].map(async (credential) => {
        const response = await post(url, { credential });
        expect(response.status).toBe(403);
        return response.text();
      }),
    );
    expect(new Set(pages).size).toBe(1);
  });

  it("tells the client when the person denies", async () => {
    const where = await place();
    const url = await asking(where);
    const back = await decide(url, await signIn(url, where.ownerKey), { decision: "deny" });
    expect(back.searchParams.get("error")).toBe("access_denied");
    expect(back.searchParams.get("state")).toBe("state-of-the-client");
    expect(await grantsOf(where)).toEqual([]);
  });

  it("takes a decision from the browser that signed in, once, and from no other site", async () => {
    const where = await place();
    const url = await asking(where);
    const shown = await signIn(url, where.ownerKey);
    await expect(decide(url, { ...shown, cookie: "" })).rejects.toThrow("400");
    const other = await signIn(url, where.ownerKey);
    await expect(decide(url, { ...other, proof: shown.proof })).rejects.toThrow("410");
    const foreign = await wire(url, {
      method: "POST",
      headers: { "Sec-Fetch-Site": "cross-site", Accept: "text/html" },
      body: new URLSearchParams({ credential: where.ownerKey }),
    });
    expect(foreign.status).toBe(403);
    await decide(url, shown);
    await expect(decide(url, shown)).rejects.toThrow("400");
  });

  it("takes no decision for one workspace from the page of another", async () => {
    const [where, other] = [await place(), await place()];
    const shown = await signIn(await asking(where), where.ownerKey);
    await expect(decide(await asking(other), shown)).rejects.toThrow("410");
    expect(await grantsOf(other)).toEqual([]);
  });

  it.each<[string, (url: URL) => void]>([
    ["another path", (url) => url.searchParams.set("redirect_uri", "http://127.0.0.1:33418/else")],
    [
      "another host",
      (url) => url.searchParams.set("redirect_uri", "https://evil.example/callback"),
    ],
    ["no client", (url) => url.searchParams.set("client_id", "nobody")],
    ["a private client address", (url) => url.searchParams.set("client_id", "https://10.0.0.1/c")],
  ])("redirects nowhere for %s", async (_what, change) => {
    const url = await asking(await place());
    change(url);
    const shown = await wire(url, { redirect: "manual", headers: { Accept: "text/html" } });
    expect(shown.status).toBe(400);
    expect(shown.headers.get("location")).toBeNull();
  });

  it.each<[string, (url: URL) => void, string]>([
    [
      "another resource",
      (url) => url.searchParams.set("resource", "https://evil.example/"),
      "invalid_target",
    ],
    ["no PKCE", (url) => url.searchParams.delete("code_challenge"), "invalid_request"],
    [
      "plain PKCE",
      (url) => url.searchParams.set("code_challenge_method", "plain"),
      "invalid_request",
    ],
  ])("tells the client about %s", async (_what, change, error) => {
    const url = await asking(await place());
    change(url);
    const shown = await wire(url, { redirect: "manual", headers: { Accept: "text/html" } });
    const location = new URL(shown.headers.get("location")!);
    expect(location.searchParams.get("error")).toBe(error);
  });
});
