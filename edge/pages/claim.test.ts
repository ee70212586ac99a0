import { exports } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { accountKeys, accounts } from "#edge/db/tables/accounts";
import { tickets } from "#edge/db/tables/tickets";
import { workspaces } from "#edge/db/tables/workspaces";
import { createWorkspace, workspaceStub } from "#edge/gateway/directory";
import type { WorkspaceIdentity } from "#edge/gateway/workspace-api";
import { createAccount, reissueKey } from "#edge/identity/accounts";
import type { AccountActor } from "#edge/identity/actor";
import { hashCredential } from "#edge/identity/credential";
import { assertInvitable, createInvitation } from "#edge/identity/invitation";
import { authenticateKey } from "#edge/identity/keys";
import { testServices } from "#edge/identity/services.fixture";
import { createTicket, readTicket } from "#edge/identity/tickets";
import { claimToken } from "./claim.tsx";

const firstKey = "ak_" + "q".repeat(43);
const services = testServices({
  vars: { AEROSTACK_FIRST_KEY_HASH: await hashCredential(firstKey) },
});
const json = { Accept: "application/json" };
let actor: AccountActor;
/** Each test knocks from an address of its own: the limit of requests is another matter. */
let address: string;
let tests = 0;
let workspace: WorkspaceIdentity;

beforeAll(async () => {
  await services.db.delete(workspaces);
  await services.db.delete(accountKeys);
  await services.db.delete(accounts);
  const found = await authenticateKey(services, firstKey);
  if (!found) throw new Error("no operator");
  actor = found;
  workspace = await createWorkspace(services, actor, { slug: "sales-claims", name: "Sales" });
});

beforeEach(() => {
  address = `198.51.100.${++tests}`;
});

async function invite(
  member: string,
  { where = workspace, now = () => Date.now(), expiresAt = undefined as number | undefined } = {},
) {
  const expiry = expiresAt === undefined ? {} : { expiresAt };
  const request = { member, role: "read-only" as const, ...expiry };
  const { id, token } = unwrap(await workspaceStub(services.env, where.id).issueToken(request));
  const payload = { ...request, tokenId: id, token };
  const { url } = await createInvitation({ ...services, now }, where, payload);
  return { url, id, token };
}

function open(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return exports.default.fetch(url, {
    headers: { Accept: "text/html", "CF-Connecting-IP": address, ...headers },
  });
}

function post(
  url: string,
  fields: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<Response> {
  return exports.default.fetch(url, {
    method: "POST",
    headers: {
      Accept: "text/html",
      "CF-Connecting-IP": address,
      "Sec-Fetch-Site": "same-origin",
      ...headers,
    },
    body: new URLSearchParams(fields),
  });
}

async function hashed(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`;
}

/** The link still works, and shows what it should. */
async function expectUsable(url: string, token: string, proof = ""): Promise<void> {
  const shown = await post(url, { proof });
  expect(shown.status).toBe(200);
  expect(await shown.text()).toContain(token);
}

describe("a link to a credential", () => {
  it("reveals a new account's key once, on request, and the key signs in", async () => {
    const { key, name } = await createAccount(services, actor, { name: "claimant" });
    const { url } = await createTicket(services, {
      purpose: "claim-key",
      accountId: actor.accountId,
      payload: { key, name },
    });
    const offer = await (await open(url)).text();
    expect(offer).toContain("claimant");
    expect(offer).not.toContain(key);
    const revealed = await (await post(url)).text();
    expect(revealed).toContain(key);
    expect(revealed).toContain("https://aerostack.test/mcp");
    expect(await authenticateKey(services, key)).toMatchObject({ name: "claimant" });
    const again = await post(url);
    expect(again.status).toBe(410);
    expect(await again.text()).not.toContain(key);
    expect(JSON.stringify(await services.db.select().from(tickets).all())).not.toContain(key);
  });

  it("shows the token to one of two who press at once", async () => {
    const { url, token } = await invite("maria");
    const offer = await (await open(url)).text();
    expect(offer).toContain("read-only");
    expect(offer).not.toContain(token);
    const answers = await Promise.all([post(url), post(url)]);
    const texts = await Promise.all(answers.map((one) => one.text()));
    expect(answers.map((one) => one.status).sort((a, b) => a - b)).toEqual([200, 410]);
    expect(texts.filter((text) => text.includes(token))).toHaveLength(1);
    expect(texts.join("")).toContain("/ws/sales-claims");
  });

  it("lets the copy script in with the credential, by its hash, and nowhere else", async () => {
    const { url } = await invite("carl");
    const offer = await open(url);
    expect(offer.headers.get("Content-Security-Policy")).not.toContain("script-src");
    expect(await offer.text()).not.toContain("<script");
    const shown = await post(url);
    const [, script = ""] = /<script>([^]*)<\/script>/.exec(await shown.text()) ?? [];
    const policy = shown.headers.get("Content-Security-Policy") ?? "";
    expect(policy).toContain(`script-src ${await hashed(script)};`);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    expect(shown.headers.get("X-Frame-Options")).toBe("DENY");
    expect(shown.headers.get("Cache-Control")).toBe("no-store");
    expect(shown.headers.get("Referrer-Policy")).toBe("no-referrer");
  });

  it("holds the credential in no configuration, command or install link", async () => {
    const { url, token } = await invite("dora");
    const html = await (await post(url, { client: "vs-code" })).text();
    const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, href = ""]) => href);
    expect(links.length).toBeGreaterThan(2);
    for (const link of links) expect(decodeURIComponent(link)).not.toContain(token);
    // Once by itself, once for the environment variable.
    expect(html.split(token)).toHaveLength(3);
    expect(html).toMatch(/<details name="client" open=""><summary>VS Code<\/summary>/);
    expect(html.match(/<details/g)?.length).toBeGreaterThan(10);
  });

  it("gives a program the same as JSON", async () => {
    const { url, token } = await invite("erin");
    expect(await (await open(url, json)).json()).toEqual({
      purpose: "claim-token",
      from: "operator",
      workspace: "sales-claims",
      role: "read-only",
      member: "erin",
      proof: "none",
    });
    expect(await (await post(url, { client: "cursor" }, json)).json()).toMatchObject({
      workspace: "sales-claims",
      member: "erin",
      token,
      url: "https://aerostack.test/ws/sales-claims",
      client: { name: "cursor", install_link: expect.stringMatching(/^cursor:/) },
    });
  });
});

describe("what an invited person says about themselves", () => {
  it.each(["", "somebody@example.com", "mar\u00EDa@example.com", "wt_x", "a".repeat(5_000)])(
    "another e-mail address (%#) shows nothing and leaves the link usable",
    async (proof) => {
      const { url, token } = await invite("maria@example.com");
      for (const headers of [{ Accept: "text/html" }, json]) {
        expect(await (await open(url, headers)).text()).not.toContain("maria@");
        const refused = await post(url, { proof }, headers);
        expect(refused.status).toBe(403);
        const text = await refused.text();
        expect(text).not.toMatch(/wt_|maria@/);
        if (proof.length > 3) expect(text).not.toContain(proof);
      }
      await expectUsable(url, token, " Maria@Example.COM ");
    },
  );

  it("a key must be a live one of the account that was invited", async () => {
    const first = await createAccount(services, actor, { name: "invitee" });
    const other = await createAccount(services, actor, { name: "intruder" });
    const { key } = await reissueKey(services, actor, { name: "invitee" });
    const { url, token } = await invite("@invitee");
    for (const proof of ["", "@invitee", "ak_nonsense", first.key, other.key, firstKey]) {
      const refused = await post(url, { proof }, json);
      expect(refused.status).toBe(403);
      expect(await refused.json()).toMatchObject({ error: { code: "invitation.key" } });
    }
    await expectUsable(url, token, ` ${key}\n`);
  });

  it("an account that does not exist is not invited", async () => {
    await expect(assertInvitable(services, "@no-such-account")).rejects.toMatchObject({
      code: "invitation.account",
      status: 404,
    });
    await assertInvitable(services, "@operator");
    await assertInvitable(services, "no-such-account");
  });

  it.each(["netscape", "__proto__", "<script>", "a".repeat(100_000)])(
    "a client that nobody knows (%#) is refused, and leaves the link usable",
    async (client) => {
      const { url, token } = await invite("frida");
      const refused = await post(url, { client });
      expect([400, 413]).toContain(refused.status);
      const html = await refused.text();
      expect(html).not.toMatch(/wt_|<script/);
      await expectUsable(url, token);
    },
  );

  it("a form of another site shows nothing", async () => {
    const { url, token } = await invite("gerd");
    const refused = await post(url, {}, { "Sec-Fetch-Site": "cross-site" });
    expect(refused.status).toBe(403);
    expect(await refused.text()).not.toContain(token);
    await expectUsable(url, token);
  });
});

describe("an invitation that is over", () => {
  it("is the same page whatever ended it, and says what to do", async () => {
    const used = await invite("hans");
    await post(used.url);
    const expired = await invite("hans", { now: () => Date.now() - 25 * 3_600_000 });
    const revoked = await invite("ines");
    const byId = await invite("jan");
    const stub = workspaceStub(services.env, workspace.id);
    unwrap(await stub.revokeToken({ member: "ines" }));
    unwrap(await stub.revokeToken({ id: byId.id }));
    const brief = await createWorkspace(services, actor, { slug: "brief-claims", name: "Brief" });
    const homeless = await invite("lena", { where: brief });
    unwrap(await workspaceStub(services.env, brief.id).erase());
    const urls = [used, expired, revoked, byId, homeless].map(({ url }) => url);
    urls.push(`https://aerostack.test/connect/${"u".repeat(43)}`);
    const answers = await Promise.all(urls.flatMap((url) => [open(url), post(url)]));
    expect(new Set(answers.map((one) => one.status))).toEqual(new Set([410]));
    const texts = await Promise.all(answers.map((one) => one.text()));
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).toContain("Ask whoever sent you the link for a new one");
  });

  it("does not outlive its token", async () => {
    const hourMs = 3_600_000;
    const { url } = await invite("karl", { expiresAt: Date.now() + hourMs });
    const later = testServices({ now: () => Date.now() + hourMs });
    const ticket = await readTicket(later, url.slice(url.lastIndexOf("/") + 1));
    if (ticket.purpose !== "claim-token") throw new Error("another ticket");
    const visit = { services: later, ticket, clients: () => [] };
    await expect(claimToken.show(visit)).rejects.toMatchObject({ code: "ticket.gone" });
    await expect(claimToken.act(visit, {})).rejects.toMatchObject({ code: "ticket.gone" });
  });

  it.each(["/connect/abc", `/connect/${"a".repeat(44)}`, "/connect/%3Cscript%3E"])(
    "what cannot be a link (%s) says to copy it again",
    async (path) => {
      const answer = await open(`https://aerostack.test${path}`);
      expect(answer.status).toBe(404);
      const html = await answer.text();
      expect(html).toContain("Copy the whole link again");
      expect(html).not.toContain("<script");
    },
  );

  it("its address shares the rate limit of all tickets", async () => {
    const urls = ["go", "connect"].map(
      (area) => `https://aerostack.test/${area}/${"v".repeat(43)}`,
    );
    const knocks = urls.flatMap((url) => Array.from({ length: 70 }, () => open(url)));
    const statuses = (await Promise.all(knocks)).map(({ status }) => status);
    expect(statuses).toContain(429);
  });
});
