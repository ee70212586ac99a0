import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { accountKeys, accounts } from "#edge/db/tables/accounts";
import { createAccount, reissueKey } from "./accounts.ts";
import type { AccountActor } from "./actor.ts";
import { challenge, requireAccount } from "./authenticate.ts";
import { bearer } from "./bearer.ts";
import { createCredential, hashCredential } from "./credential.ts";
import { authenticateKey } from "./keys.ts";
import { testServices } from "./services.fixture.ts";

const firstKey = "ak_" + "f".repeat(43);
const services = testServices({
  vars: { AEROSTACK_FIRST_KEY_HASH: await hashCredential(firstKey) },
});

beforeEach(async () => {
  await services.db.delete(accountKeys);
  await services.db.delete(accounts);
});

async function operator(): Promise<AccountActor> {
  const actor = await authenticateKey(services, firstKey);
  if (!actor) throw new Error("no operator");
  return actor;
}

describe("account keys", () => {
  it("the first key makes the operator's account once, however many requests come at once", async () => {
    const actors = await Promise.all([1, 2, 3].map(() => authenticateKey(services, firstKey)));
    expect(actors[0]).toMatchObject({ kind: "account", name: "operator", operator: true });
    expect(new Set(actors.map((actor) => actor?.accountId)).size).toBe(1);
    expect(await services.db.select().from(accounts).all()).toHaveLength(1);
  });

  it("the first account is named by the environment", async () => {
    const named = testServices({ vars: { ...services.env, AEROSTACK_FIRST_ACCOUNT: "first" } });
    expect(await authenticateKey(named, firstKey)).toMatchObject({ name: "first", operator: true });
  });

  it("a name in the environment that cannot be one is a sentence, not a broken account", async () => {
    const named = testServices({ vars: { ...services.env, AEROSTACK_FIRST_ACCOUNT: "No One" } });
    await expect(authenticateKey(named, firstKey)).rejects.toMatchObject({
      code: "platform.first-account-name",
    });
  });

  it("a changed first key takes the place of the former one, on the same account", async () => {
    const before = await operator();
    const next = createCredential("ak_");
    const changed = testServices({
      vars: { AEROSTACK_FIRST_KEY_HASH: await hashCredential(next) },
    });
    expect(await authenticateKey(changed, next)).toEqual(before);
    expect(await authenticateKey(changed, firstKey)).toBeUndefined();
  });

  it("a revoked key is refused from the next request on, also the first one", async () => {
    await operator();
    await services.db.update(accountKeys).set({ revokedAt: services.now() });
    expect(await authenticateKey(services, firstKey)).toBeUndefined();
  });

  it("unknown and malformed keys are nobody", async () => {
    await operator();
    for (const key of ["", "ak_", createCredential("ak_"), createCredential("wt_"), "ak_' OR 1=1"])
      expect(await authenticateKey(services, key)).toBeUndefined();
  });

  it("no key is stored as it is", async () => {
    const { key } = await createAccount(services, await operator(), { name: "first" });
    const stored = JSON.stringify([
      await services.db.select().from(accounts).all(),
      await services.db.select().from(accountKeys).all(),
    ]);
    expect(stored).not.toContain(key.slice(3));
    expect(stored).toContain(await hashCredential(key));
  });
});

describe("accounts", () => {
  it("a created account signs in with its key, and is no operator", async () => {
    const made = await createAccount(services, await operator(), { name: "first" });
    expect(made.key).toMatch(/^ak_[A-Za-z0-9_-]{43}$/);
    expect(await authenticateKey(services, made.key)).toEqual({
      kind: "account",
      accountId: made.accountId,
      name: "first",
      operator: false,
    });
  });

  it("only the operator makes accounts and new keys", async () => {
    const { key } = await createAccount(services, await operator(), { name: "first" });
    const actor = await authenticateKey(services, key);
    if (!actor) throw new Error("no account");
    const refused = { code: "account.not-allowed", status: 403 };
    await expect(createAccount(services, actor, { name: "second" })).rejects.toMatchObject(refused);
    await expect(reissueKey(services, actor, { name: "first" })).rejects.toMatchObject(refused);
    const run = { kind: "system", workspaceId: "wks_1" } as const;
    await expect(createAccount(services, run, { name: "third" })).rejects.toMatchObject(refused);
  });

  it("a new key for an account ends all that it had, and no other account's", async () => {
    const actor = await operator();
    const [first, second] = [
      await createAccount(services, actor, { name: "first" }),
      await createAccount(services, actor, { name: "second" }),
    ];
    const again = await reissueKey(services, actor, { name: "first" });
    expect(await authenticateKey(services, first.key)).toBeUndefined();
    expect(await authenticateKey(services, again.key)).toMatchObject({
      accountId: first.accountId,
      name: "first",
    });
    expect(await authenticateKey(services, second.key)).toBeDefined();
    for (const [name, code] of [
      ["nobody", "account.not-found"],
      [actor.name, "account.first-key"],
    ] as const) {
      await expect(reissueKey(services, actor, { name })).rejects.toMatchObject({ code });
    }
    expect(await operator()).toEqual(actor);
  });

  it("a name belongs to one account, and no key is left over for the loser", async () => {
    const actor = await operator();
    const both = await Promise.allSettled(
      [1, 2].map(() => createAccount(services, actor, { name: "first" })),
    );
    expect(both.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(both.find((one) => one.status === "rejected")?.reason).toMatchObject({
      code: "account.name-taken",
      status: 409,
    });
    expect(await services.db.select().from(accountKeys).all()).toHaveLength(2);
  });

  it.each(["", "First", "-first", "a_b", "a/b", "a".repeat(40), "admin", "operator", "<b>"])(
    "refuses the name %j",
    async (name) => {
      const actor = await operator();
      await expect(createAccount(services, actor, { name })).rejects.toMatchObject({
        code: "account.name",
        status: 400,
      });
      expect(
        await services.db.select().from(accounts).where(eq(accounts.name, name)).all(),
      ).toEqual(name === "operator" ? [expect.objectContaining({ operator: true })] : []);
    },
  );
});

function request(authorization?: string): Request {
  const headers = authorization === undefined ? {} : { Authorization: authorization };
  return new Request("https://aerostack.test/mcp", { headers });
}

describe("the Authorization header", () => {
  it("yields the bearer credential and nothing else", () => {
    expect(bearer(request("Bearer ak_abc"))).toBe("ak_abc");
    expect(bearer(request("bearer   ak_abc "))).toBe("ak_abc");
    for (const other of [undefined, "", "Bearer", "Bearer a b", "Basic YTpi", "ak_abc"])
      expect(bearer(request(other))).toBeUndefined();
  });

  it("is the account, or an error that says what to send", async () => {
    expect(await requireAccount(services, request(`Bearer ${firstKey}`))).toEqual(await operator());
    const missing = { code: "account.key-missing", status: 401 };
    await expect(requireAccount(services, request())).rejects.toMatchObject(missing);
    const invalid = { code: "account.key-invalid", status: 401 };
    await expect(requireAccount(services, request("Bearer ak_no"))).rejects.toMatchObject(invalid);
    expect(challenge(missing)).toBe('Bearer realm="aerostack"');
    expect(challenge(invalid)).toContain('error="invalid_token"');
  });
});
