import { eq } from "drizzle-orm";
import { ConfigurationError } from "#blueprints/error";
import { accountKeys, accounts } from "#edge/db/tables/accounts";
import { createId } from "#edge/id";
import type { Services } from "#edge/services";
import { accountNamePattern } from "./account-name.ts";
import type { AccountActor } from "./actor.ts";
import { hashCredential } from "./credential.ts";

const keyPattern = /^ak_[A-Za-z0-9_-]{20,200}$/;

/** One row: a deployment has one key that comes from its environment. */
const firstKeyId = "key_first";

/**
 * Who holds this account key; undefined: nobody, or it was revoked.
 *
 * One read of D1 a request and no cache, so that a revocation holds from the next request on,
 * in every isolate. The key whose hash stands in `AEROSTACK_FIRST_KEY_HASH` makes the first
 * account when it is first used.
 */
export async function authenticateKey(
  services: Services,
  key: string,
): Promise<AccountActor | undefined> {
  if (!keyPattern.test(key)) return undefined;
  const hash = await hashCredential(key);
  const known = await findKey(services, hash);
  if (known) return known.revokedAt === null ? toActor(known) : undefined;
  if (hash !== services.env.AEROSTACK_FIRST_KEY_HASH?.toLowerCase()) return undefined;
  await adoptFirstKey(services, hash);
  const adopted = await findKey(services, hash);
  return adopted && toActor(adopted);
}

/** Who holds the key with this hash now; for what was opened with it and must end with it. */
export async function authenticateKeyHash(
  services: Services,
  hash: string,
): Promise<AccountActor | undefined> {
  const known = await findKey(services, hash);
  return known?.revokedAt === null ? toActor(known) : undefined;
}

interface KeyRow {
  readonly accountId: string;
  readonly name: string;
  readonly operator: boolean;
  readonly revokedAt: number | null;
}

async function findKey(services: Services, hash: string): Promise<KeyRow | undefined> {
  return services.db
    .select({
      accountId: accounts.id,
      name: accounts.name,
      operator: accounts.operator,
      revokedAt: accountKeys.revokedAt,
    })
    .from(accountKeys)
    .innerJoin(accounts, eq(accounts.id, accountKeys.accountId))
    .where(eq(accountKeys.hash, hash))
    .get();
}

function toActor({ accountId, name, operator }: KeyRow): AccountActor {
  return { kind: "account", accountId, name, operator };
}

/**
 * Gives the operator's account this key, and makes the account where there is none. Two requests
 * may do this at once. A changed `AEROSTACK_FIRST_KEY_HASH` replaces the former key: that is how
 * an operator who lost it, or leaked it, gets back in.
 */
async function adoptFirstKey(services: Services, hash: string): Promise<void> {
  const now = services.now();
  const name = services.env.AEROSTACK_FIRST_ACCOUNT ?? "operator";
  if (!accountNamePattern.test(name)) {
    throw new ConfigurationError(
      "platform.first-account-name",
      `AEROSTACK_FIRST_ACCOUNT is "${name}", which is no account name.`,
      { fix: "Use lower case letters, digits and -, at most 39 characters." },
    );
  }
  // drizzle's batch binds no parameters of raw statements on D1, so these go to it directly.
  const { DB } = services.env;
  await DB.batch([
    DB.prepare(
      `INSERT INTO accounts (id, name, operator, created_at) SELECT ?, ?, 1, ?
       WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE operator = 1)`,
    ).bind(createId("acc", now), name, now),
    DB.prepare(
      `INSERT INTO account_keys (id, account_id, hash, created_at)
       SELECT ?, id, ?, ? FROM accounts WHERE operator = 1
       ON CONFLICT (id) DO UPDATE
       SET hash = excluded.hash, created_at = excluded.created_at, revoked_at = NULL`,
    ).bind(firstKeyId, hash, now),
  ]);
}
