import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { openWorkspaceDatabase } from "#edge/db/workspace-database";
import type { Env } from "#edge/env";
import { modern, modernHeaders, post, rpc } from "#edge/gateway/gateway.fixture";
import { parseKeyring } from "#edge/gateway/secrets/keyring";
import { Vault } from "#edge/gateway/secrets/vault";
import { auth, canary, traces } from "./canary.fixture.ts";
import { answer, besides, call, link, text } from "./upstream.fixture.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

it("an upstream sees of its caller neither token nor headers, in both eras", async () => {
  const { where, token, seen } = await besides({
    "tools/call": (heard) => answer(heard, text("x")),
  });
  const sent = Object.fromEntries(
    [
      "cookie",
      "x-api-key",
      "proxy-authorization",
      "x-forwarded-for",
      "x-forwarded-host",
      "x-forwarded-proto",
      "forwarded",
      "x-real-ip",
      "cf-connecting-ip",
      "referer",
      "user-agent",
      "x-original-url",
      "via",
      "mcp-session-id",
      "last-event-id",
    ].map((name) => [name, `mine-${name}`]),
  );
  const params = { name: "up__do", arguments: {} };
  await post(where, token, rpc("tools/call", params), sent);
  const { "mcp-session-id": _session, ...rest } = sent;
  await post(where, token, modern("tools/call", params), {
    ...modernHeaders("tools/call", "up__do"),
    ...rest,
  });
  const calls = seen.requests.filter(({ body }) => body.includes('"tools/call"'));
  expect(calls).toHaveLength(2);
  for (const { url, headers, body } of calls) {
    expect([...headers.keys()].sort()).toEqual([
      "accept",
      "content-type",
      "mcp-method",
      "mcp-name",
      "mcp-protocol-version",
    ]);
    const all = JSON.stringify([url, [...headers], body]);
    expect(all).not.toContain("mine-");
    expect(all).not.toContain(token);
  }
});

it("a credential that is refused is tried once, and nobody else's instead", async () => {
  const { where, token, seen } = await besides(
    { "tools/call": () => new Response(null, { status: 401 }) },
    { auth },
  );
  unwrap(await where.stub.putSecret("KEY", canary));
  unwrap(
    await where.stub.declareSecret({
      name: "OTHER",
      purpose: "",
      kind: "token",
      hosts: ["up.example"],
    }),
  );
  unwrap(await where.stub.putSecret("OTHER", "another-credential"));
  expect(await call(where, token)).toContain("mcp.unauthorized");
  const sent = seen.requests.filter(({ body }) => body.includes('"tools/call"'));
  expect(sent.map(({ headers }) => headers.get("authorization"))).toEqual([`Bearer ${canary}`]);
});

it.each([
  "https://evil.example/mcp",
  "https://up.example@evil.example/",
  "https://up.example:pw@evil.example/",
  "https://up.example%40evil.example/",
  "https://up.example.evil.example/",
  "https://evil.example/https://up.example/",
  "https://evil.example\\@up.example/",
  "https://up.example\\.evil.example/",
  "https://up.ex\tample.evil.example/",
  "https:////evil.example/@up.example/",
  "//evil.example/up.example",
  "https://up.example:8443/mcp",
  "http://up.example/mcp",
  "https://sub.up.example/",
  "https://up.example./mcp",
  "https://notup.example/",
  "https://ｕp.example.evil.example/",
])("a link that moves to %s takes its secret to no other host", async (url) => {
  const { where, seen, token } = await besides(
    { "tools/call": (heard) => answer(heard, text("x")) },
    { auth },
  );
  unwrap(await where.stub.putSecret("KEY", canary));
  const source = { kind: "external" as const, url };
  await link(where, { auth, source }).catch(() => undefined);
  await call(where, token);
  const carried = seen.requests.filter(
    ({ headers }) => traces(JSON.stringify([...headers])).length > 0,
  );
  expect(carried.length).toBeGreaterThan(0);
  expect(new Set(carried.map((one) => new URL(one.url).origin))).toEqual(
    new Set(["https://up.example"]),
  );
  const host = URL.parse(url)?.host ?? "evil.example";
  if (host === "up.example") return;
  const { source: kept } = unwrap(await where.stub.listLinks()).find(
    ({ alias }) => alias === "up",
  )!;
  expect(kept).toEqual({ kind: "external", url: "https://up.example/mcp" });
  expect(await where.stub.releaseSecrets(["KEY"], host)).toMatchObject({ ok: false });
});

it("a ciphertext with any bit changed or any byte missing fails with one and the same error", async () => {
  const namespace = (env as unknown as Env).WORKSPACE;
  await runInDurableObject(namespace.get(namespace.newUniqueId()), async (_object, { storage }) => {
    const keyring = JSON.stringify({ current: "k1", keys: { k1: `${"A".repeat(43)}=` } });
    const open = () =>
      new Vault({
        database: openWorkspaceDatabase(storage),
        keyring: () => parseKeyring(keyring),
        workspaceId: () => "wks_a",
        now: () => 1000,
      });
    open().declare({ name: "A", purpose: "", kind: "token", hosts: ["up.example"] });
    await open().put("A", "0123456789");
    const row = storage.sql.exec("SELECT iv, ciphertext FROM secrets").one();
    const failures = new Set<string>();
    const attempt = async (column: "iv" | "ciphertext", bytes: Uint8Array) => {
      storage.sql.exec(`UPDATE secrets SET ${column} = ?`, bytes);
      await open()
        .release(["A"], "up.example")
        .then(
          () => failures.add(`opened with another ${column}`),
          (error: { code: string; message: string }) =>
            failures.add(`${error.code} ${error.message}`),
        );
      storage.sql.exec(`UPDATE secrets SET ${column} = ?`, row[column]);
    };
    for (const column of ["iv", "ciphertext"] as const) {
      const whole = new Uint8Array(row[column] as ArrayBuffer);
      for (let at = 0; at < whole.length; at++) {
        await attempt(
          column,
          whole.map((byte, index) => (index === at ? byte ^ (1 << (at % 8)) : byte)),
        );
        await attempt(column, whole.slice(0, at));
      }
    }
    expect([...failures]).toEqual([expect.stringMatching(/^secret\.unreadable /)]);
    expect(await open().release(["A"], "up.example")).toEqual({ A: "0123456789" });
  });
});
