import { and, eq, isNull } from "drizzle-orm";
import { InputError } from "#blueprints/error";
import { accountKeys, accounts } from "#edge/db/tables/accounts";
import { createId } from "#edge/id";
import type { Services } from "#edge/services";
import { accountNamePattern, reservedAccountNames } from "./account-name.ts";
import type { Actor } from "./actor.ts";
import { createCredential, hashCredential } from "./credential.ts";

export interface Account {
  readonly accountId: string;
  readonly name: string;
  readonly operator: boolean;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/**
 * Another account with its first key. The key stands in this answer and nowhere else: hand it on
 * by a `claim-key` ticket, or show it once.
 *
 * Throws `account.not-allowed` (403), `account.name` (400), `account.name-taken` (409).
 */
export async function createAccount(
  services: Services,
  actor: Actor,
  request: { readonly name: string },
): Promise<{ accountId: string; name: string; key: string }> {
  assertOperator(actor);
  const name = assertName(request.name);
  const key = createCredential("ak_");
  const hash = await hashCredential(key);
  const now = services.now();
  const accountId = createId("acc", now);
  const { DB } = services.env;
  const [created] = await DB.batch([
    DB.prepare(
      `INSERT INTO accounts (id, name, operator, created_at) VALUES (?, ?, 0, ?)
       ON CONFLICT DO NOTHING RETURNING id`,
    ).bind(accountId, name, now),
    // Selects nothing where the name was taken: account and key come together or not at all.
    DB.prepare(
      `INSERT INTO account_keys (id, account_id, hash, created_at)
       SELECT ?, id, ?, ? FROM accounts WHERE id = ?`,
    ).bind(createId("key", now), hash, now, accountId),
  ]);
  if (created?.results.length === 1) return { accountId, name, key };
  throw new InputError("account.name-taken", `The account name "${name}" is taken.`, {
    status: 409,
    fix: "Choose another name.",
  });
}

/**
 * A new key for an account that has lost or leaked its own: all former ones end with this, from the
 * next request on. Of two at once, one key remains.
 *
 * Throws `account.not-allowed` (403), `account.not-found` (404), `account.first-key` (400).
 */
export async function reissueKey(
  services: Services,
  actor: Actor,
  request: { readonly name: string },
): Promise<{ accountId: string; name: string; key: string }> {
  assertOperator(actor);
  const { name } = request;
  const account = await services.db.select().from(accounts).where(eq(accounts.name, name)).get();
  if (!account) {
    throw new InputError("account.not-found", `There is no account "${name.slice(0, 60)}".`, {
      status: 404,
      fix: "Check the name, or create the account.",
    });
  }
  if (account.operator) {
    throw new InputError("account.first-key", "The operator's key comes from the environment.", {
      fix: "Change AEROSTACK_FIRST_KEY_HASH and restart: that replaces the key.",
    });
  }
  const key = createCredential("ak_");
  const now = services.now();
  const row = { id: createId("key", now), accountId: account.id, createdAt: now };
  await services.db.batch([
    services.db
      .update(accountKeys)
      .set({ revokedAt: now })
      .where(and(eq(accountKeys.accountId, account.id), isNull(accountKeys.revokedAt))),
    services.db.insert(accountKeys).values({ ...row, hash: await hashCredential(key) }),
  ]);
  return { accountId: account.id, name, key };
}

/** By id; for pages that say who asks. */
export async function findAccount(services: Services, id: string): Promise<Account | undefined> {
  return services.db.select(columns).from(accounts).where(eq(accounts.id, id)).get();
}

const columns = {
  accountId: accounts.id,
  name: accounts.name,
  operator: accounts.operator,
  createdAt: accounts.createdAt,
};

function assertOperator(actor: Actor): void {
  if (actor.kind === "account" && actor.operator) return;
  throw new InputError("account.not-allowed", "Only the operator's account may do this.", {
    status: 403,
    fix: "Ask whoever runs this server; the first account's key can do it.",
  });
}

function assertName(name: string): string {
  if (!accountNamePattern.test(name)) {
    throw new InputError("account.name", `"${name.slice(0, 60)}" cannot be an account name.`, {
      fix: "Use lower case letters, digits and -, starting with a letter or digit, at most 39 characters.",
    });
  }
  if (reservedAccountNames.has(name)) {
    throw new InputError("account.name", `The account name "${name}" is reserved.`, {
      fix: "Choose another name.",
    });
  }
  return name;
}
