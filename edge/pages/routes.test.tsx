import { env, exports } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { accountKeys, accounts } from "#edge/db/tables/accounts";
import { workspaces } from "#edge/db/tables/workspaces";
import type { Env } from "#edge/env";
import { createWorkspace, workspaceStub } from "#edge/gateway/directory";
import type { AccountActor } from "#edge/identity/actor";
import { hashCredential } from "#edge/identity/credential";
import { authenticateKey } from "#edge/identity/keys";
import { testServices } from "#edge/identity/services.fixture";
import { createTicket, type TicketRequest } from "#edge/identity/tickets";

const firstKey = "ak_" + "p".repeat(43);
const services = testServices({
  vars: { AEROSTACK_FIRST_KEY_HASH: await hashCredential(firstKey) },
});
const value = "xoxb-super-secret-value-4711";
const hostile = `</p><script>alert("x")</script><img src=x onerror='a'>`;

let actor: AccountActor;
let workspaceId: string;

beforeAll(async () => {
  await services.db.delete(workspaces);
  await services.db.delete(accountKeys);
  await services.db.delete(accounts);
  const found = await authenticateKey(services, firstKey);
  if (!found) throw new Error("no operator");
  actor = found;
  const made = await createWorkspace(services, actor, { slug: "sales-pages", name: "Sales" });
  workspaceId = made.id;
});

beforeEach(async () => {
  const stub = workspaceStub(services.env, workspaceId);
  for (const { name } of unwrap(await stub.listSecrets())) unwrap(await stub.deleteSecret(name));
  unwrap(
    await stub.declareSecret({
      name: "SLACK_TOKEN",
      purpose: hostile,
      kind: "token",
      hosts: ["slack.com"],
    }),
  );
  unwrap(
    await stub.declareSecret({ name: "HOOK", purpose: "Posts alerts.", kind: "url", hosts: [] }),
  );
});

async function link(request: Partial<TicketRequest> = {}, secret = "SLACK_TOKEN"): Promise<string> {
  const { url } = await createTicket(services, {
    purpose: "enter-secret",
    accountId: actor.accountId,
    workspaceId,
    payload: { secret },
    ...request,
  } as TicketRequest);
  return url;
}

function open(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return exports.default.fetch(url, { headers: { Accept: "text/html", ...headers } });
}

function enter(
  url: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return exports.default.fetch(url, {
    method: "POST",
    headers: { Accept: "text/html", "Sec-Fetch-Site": "same-origin", ...headers },
    body: new URLSearchParams(fields),
  });
}

async function version(name = "SLACK_TOKEN"): Promise<number | undefined> {
  const states = unwrap(await workspaceStub(services.env, workspaceId).listSecrets());
  return states.find((one) => one.name === name)?.version;
}

async function shownOn(url: string): Promise<string> {
  const html = await (await open(url)).text();
  return /name="shown" value="([0-9a-f]{64})"/.exec(html)?.[1] ?? "";
}

describe("the page that asks for a secret", () => {
  it("says who asks for what and where it goes, and consumes nothing", async () => {
    const url = await link();
    for (let look = 0; look < 3; look += 1) {
      const page = await open(url);
      expect(page.status).toBe(200);
      const html = await page.text();
      for (const part of ["operator", "Sales", "sales-pages", "SLACK_TOKEN", "slack.com"])
        expect(html).toContain(part);
    }
    expect((await exports.default.fetch(url, { method: "HEAD" })).status).toBe(200);
    expect((await enter(url, { value })).status).toBe(200);
  });

  it("escapes whatever an agent wrote as the purpose", async () => {
    const html = await (await open(await link())).text();
    expect(html).toContain("&lt;script&gt;");
    expect(html).not.toMatch(/<script|<img/);
  });

  it("allows no script, no frame, no cache and no referrer", async () => {
    const url = await link();
    for (const answer of [await open(url), await enter(url, { value: "" })]) {
      const policy = answer.headers.get("Content-Security-Policy") ?? "";
      expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; /);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain("unsafe");
      expect(answer.headers.get("X-Frame-Options")).toBe("DENY");
      expect(answer.headers.get("Cache-Control")).toBe("no-store");
      expect(answer.headers.get("Referrer-Policy")).toBe("no-referrer");
    }
  });

  it("the policy's hash is that of the style on the page", async () => {
    const page = await open(await link());
    const [, style = ""] = /<style>([^]*)<\/style>/.exec(await page.text()) ?? [];
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
    const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
    expect(page.headers.get("Content-Security-Policy")).toContain(`'sha256-${hash}'`);
  });

  it("stores the value, trimmed, and shows it in no answer", async () => {
    const url = await link();
    const answer = await enter(url, { value: `  ${value}\n`, shown: await shownOn(url) });
    expect(answer.status).toBe(200);
    const html = await answer.text();
    expect(html).toContain("SLACK_TOKEN is saved");
    expect(html).not.toContain(value);
    const stub = workspaceStub(services.env, workspaceId);
    expect(unwrap(await stub.releaseSecrets(["SLACK_TOKEN"], "slack.com"))).toEqual({
      SLACK_TOKEN: value,
    });
    expect(await (await open(await link())).text()).toContain("saving replaces it");
  });

  it("a used, an expired and an unknown link get the same page, 410", async () => {
    const used = await link();
    await enter(used, { value });
    const past = testServices({ now: () => Date.now() - 7_200_000 });
    const { url: expired } = await createTicket(past, {
      purpose: "enter-secret",
      accountId: actor.accountId,
      workspaceId,
      payload: { secret: "SLACK_TOKEN" },
    });
    const unknown = `https://aerostack.test/go/${"u".repeat(43)}`;
    const answers = await Promise.all(
      [used, expired, unknown].flatMap((url) => [open(url), enter(url, { value: "other-value" })]),
    );
    expect(answers.map((one) => one.status)).toEqual([410, 410, 410, 410, 410, 410]);
    expect(new Set(await Promise.all(answers.map((one) => one.text()))).size).toBe(1);
    expect(await version()).toBe(1);
  });

  it("what cannot be a ticket is not found", async () => {
    for (const path of ["/go/abc", `/go/${"a".repeat(44)}`, "/go/%3Cscript%3E"]) {
      const answer = await open(`https://aerostack.test${path}`);
      expect(answer.status).toBe(404);
      expect(await answer.text()).not.toContain("<script");
    }
  });

  it("of two posts at once one wins and one value is stored", async () => {
    const url = await link();
    const answers = await Promise.all([
      enter(url, { value }),
      enter(url, { value: "b".repeat(20) }),
    ]);
    expect(answers.map((one) => one.status).sort((a, b) => a - b)).toEqual([200, 410]);
    expect(await version()).toBe(1);
  });

  it.each([
    ["HOOK", "not a url", 400],
    ["HOOK", "javascript:alert(1)", 400],
    ["HOOK", "hooks.slack.com/x", 400],
    ["HOOK", "https://hooks.slack.com/a b", 400],
    ["SLACK_TOKEN", "", 400],
    ["SLACK_TOKEN", "a\u0000b-invisible", 400],
    ["SLACK_TOKEN", "12345", 400],
    ["SLACK_TOKEN", "z".repeat(16_385), 413],
    ["SLACK_TOKEN", "z".repeat(400_000), 413],
  ])(
    "a bad value for %s brings back the form, never the value, and the link still works",
    async (name, bad, status) => {
      const url = await link({}, name);
      const answer = await enter(url, { value: bad });
      expect(answer.status).toBe(status);
      const html = await answer.text();
      if (bad.length > 2) expect(html).not.toContain(bad.slice(0, 5_000));
      expect(await version(name)).toBe(0);
      const good = name === "HOOK" ? "https://hooks.slack.com/services/T0/B0/x" : value;
      expect((await enter(url, { value: good })).status).toBe(200);
      expect(await version(name)).toBe(1);
    },
  );

  it("a bad value is said at the field", async () => {
    const html = await (await enter(await link({}, "HOOK"), { value: "nope-not-a-url" })).text();
    expect(html).toMatch(/<p class="problem" id="value-problem" role="alert">/);
    expect(html).toMatch(/aria-describedby="value-problem value-hint" aria-invalid="true"/);
    expect(html).toContain("starting with https://");
  });

  it("nothing is saved where the destination changed after the person read it", async () => {
    const url = await link();
    const shown = await shownOn(url);
    const stub = workspaceStub(services.env, workspaceId);
    unwrap(
      await stub.declareSecret({
        name: "SLACK_TOKEN",
        purpose: "x",
        kind: "token",
        hosts: ["evil.test"],
      }),
    );
    const answer = await enter(url, { value, shown });
    expect(answer.status).toBe(409);
    expect(await answer.text()).toContain("evil.test");
    expect(await version()).toBe(0);
    expect((await enter(url, { value, shown: await shownOn(url) })).status).toBe(200);
  });

  it("a secret that nobody needs any more is gone", async () => {
    const url = await link();
    unwrap(await workspaceStub(services.env, workspaceId).deleteSecret("SLACK_TOKEN"));
    expect((await open(url)).status).toBe(410);
    expect((await enter(url, { value })).status).toBe(410);
  });

  it("so is one whose workspace was deleted", async () => {
    const { id } = await createWorkspace(services, actor, { slug: "short-lived", name: "Short" });
    unwrap(
      await workspaceStub(services.env, id).declareSecret({
        name: "TOKEN",
        purpose: "",
        kind: "token",
        hosts: [],
      }),
    );
    const url = await link({ workspaceId: id }, "TOKEN");
    expect(await (await open(url)).text()).toContain("No server yet");
    unwrap(await workspaceStub(services.env, id).erase());
    expect((await open(url)).status).toBe(410);
    expect((await enter(url, { value })).status).toBe(410);
  });

  it.each([
    [{ "Sec-Fetch-Site": "cross-site" }, 403],
    [{ "Sec-Fetch-Site": "same-site" }, 403],
    [{ "Sec-Fetch-Site": "", Origin: "https://evil.test" }, 403],
    [{ "Sec-Fetch-Site": "same-origin", Origin: "null" }, 200],
    [{ "Sec-Fetch-Site": "", Origin: "https://aerostack.test" }, 200],
  ])("a post with %j is answered %i", async (headers, status) => {
    const url = await link();
    const all = new Headers(headers);
    if (!all.get("Sec-Fetch-Site")) all.delete("Sec-Fetch-Site");
    const answer = await exports.default.fetch(url, {
      method: "POST",
      headers: all,
      body: new URLSearchParams({ value }),
    });
    expect(answer.status).toBe(status);
    expect(await version()).toBe(status === 200 ? 1 : 0);
  });
});

describe("a program instead of a person", () => {
  const json = { Accept: "application/json" };

  it("gets the same as JSON", async () => {
    const url = await link();
    expect(await (await open(url, json)).json()).toMatchObject({
      purpose: "enter-secret",
      account: "operator",
      workspace: "sales-pages",
      secret: { name: "SLACK_TOKEN", hosts: ["slack.com"], state: "missing" },
    });
    const stored = await enter(url, { value }, json);
    expect(await stored.json()).toEqual({
      state: "set",
      workspace: "sales-pages",
      secret: "SLACK_TOKEN",
      version: 1,
    });
  });

  it("gets an address that nothing can be sent to back, with the reason, and can try again", async () => {
    const url = await link({}, "HOOK");
    for (const [address, code] of [
      ["https://10.0.0.8/hook-4711", "egress.private-address"],
      ["https://hooks.internal/hook-4711", "egress.private-address"],
      ["http://hooks.example.com/hook-4711", "egress.not-https"],
      ["https://hooks.example.com:6379/hook-4711", "egress.bad-port"],
    ] as const) {
      const refused = await enter(url, { value: address }, json);
      const text = await refused.text();
      expect(JSON.parse(text)).toMatchObject({ error: { code, fix: expect.any(String) } });
      expect(text).not.toContain("hook-4711");
    }
    expect(await version("HOOK")).toBe(0);
    const page = await enter(url, { value: "https://10.0.0.8/hook-4711" });
    expect(await page.text()).toContain("10.0.0.8 is a private, loopback or link-local address.");
    expect((await enter(url, { value: "https://hooks.example.com/hook" }, json)).status).toBe(200);
  });

  it("gets an address at another host than the account named back", async () => {
    const declared = { name: "ALERTS", purpose: "Alerts.", kind: "url" as const };
    const stub = workspaceStub(services.env, workspaceId);
    unwrap(await stub.declareSecret({ ...declared, hosts: ["hooks.slack.com"] }));
    const url = await link({}, "ALERTS");
    expect(await (await open(url)).text()).toContain("<code>hooks.slack.com</code>");
    const other = await enter(url, { value: "https://hooks.example.com/x-4711" }, json);
    expect(await other.json()).toMatchObject({ error: { code: "secret.other-host" } });
    expect((await enter(url, { value: "https://hooks.slack.com/x-4711" }, json)).status).toBe(200);
    // An address that was entered may be replaced by one elsewhere: the page says so.
    const again = await link({}, "ALERTS");
    expect(await (await open(again)).text()).toContain("The address that you enter, and no other");
  });

  it("gets errors as code, message and fix", async () => {
    const url = await link({}, "HOOK");
    const bad = await enter(url, { value: "nope" }, json);
    expect(bad.status).toBe(400);
    expect(await bad.json()).toMatchObject({ error: { code: "secret.not-a-url" } });
    const none = await open(`https://aerostack.test/go/${"u".repeat(43)}`, json);
    expect(none.status).toBe(410);
    expect(none.headers.get("Cache-Control")).toBe("no-store");
    expect(await none.json()).toMatchObject({
      error: { code: "ticket.gone", fix: expect.any(String) },
    });
  });
});

it("the first page says what this is and how to connect", async () => {
  const page = await open("https://aerostack.test/");
  expect(page.status).toBe(200);
  expect(await page.text()).toContain(
    "claude mcp add --transport http aerostack https://aerostack.test/mcp",
  );
});

it("one address cannot knock for ever", async () => {
  const url = `https://aerostack.test/go/${"r".repeat(43)}`;
  const knock = () => open(url, { "CF-Connecting-IP": "203.0.113.9" });
  const answers = await Promise.all(Array.from({ length: 140 }, knock));
  const refused = answers.filter((one) => one.status === 429);
  expect(refused.length).toBeGreaterThan(0);
  expect(await refused[0]?.text()).toContain("Wait a minute");
  expect((await open(url, { "CF-Connecting-IP": "203.0.113.10" })).status).toBe(410);
  expect((env as unknown as Env).PUBLIC_LIMIT).toBeDefined();
});
