import { and, eq } from "drizzle-orm";
import { BugError } from "#blueprints/error";
import { dataKeys, retiredSecrets, secrets } from "#edge/db/tables/workspace-object";
import { type DataKey, type DataKeyPlace, newDataKey } from "./data-key.ts";
import { seal, unseal } from "./keyring.ts";

const attempts = 5;

interface Stored {
  readonly name: string;
  readonly version: number;
  readonly iv: Buffer;
  readonly ciphertext: Buffer;
}

/**
 * Encrypts every value anew under a fresh data key and forgets the old one, in one transaction.
 * `swap` runs in the same turn as the transaction, so that nobody reads new rows with the old key.
 * Throws `secret.unreadable` where a value cannot be opened; nothing has changed then.
 */
export async function rotateDataKey(
  place: DataKeyPlace,
  old: DataKey,
  swap: (dataKey: DataKey) => void,
): Promise<{ secrets: number }> {
  const id = `dk${Number(old.id.slice(2)) + 1}`;
  const { dataKey, store } = await newDataKey(place, id);
  const anew = async ({ name, version, iv, ciphertext }: Stored): Promise<Stored> => {
    const sealed = { iv: new Uint8Array(iv), ciphertext: new Uint8Array(ciphertext) };
    const plain = await unseal(old.key, sealed, contextOf(place, name, version, old.id));
    const fresh = await seal(dataKey.key, plain, contextOf(place, name, version, id));
    return { name, version, iv: Buffer.from(fresh.iv), ciphertext: Buffer.from(fresh.ciphertext) };
  };
  for (let attempt = 0; attempt < attempts; attempt++) {
    const current = await Promise.all(currentOf(place).map(anew));
    const former = await Promise.all(
      // One that cannot be opened was never sent since: there is nothing to redact.
      place.database
        .select()
        .from(retiredSecrets)
        .all()
        .map((row) => anew(row).catch(() => undefined)),
    );
    const kept = former.filter((row) => row !== undefined);
    if (!replace(place, { old: old.id, id, store, current, former: kept })) continue;
    swap(dataKey);
    return { secrets: current.length };
  }
  throw new BugError(
    "secret.rotation-busy",
    "Secrets changed all the time while they were rotated.",
    {
      fix: "Rotate again when nobody enters secrets.",
    },
  );
}

interface Replacement {
  readonly old: string;
  readonly id: string;
  readonly store: () => void;
  readonly current: readonly Stored[];
  readonly former: readonly Stored[];
}

/** False, and nothing written, where values came or went since they were read. */
function replace(place: DataKeyPlace, what: Replacement): boolean {
  const { database } = place;
  const now = currentOf(place);
  const isSame =
    now.length === what.current.length &&
    now.every((row, at) => {
      const read = what.current[at];
      return read?.name === row.name && read.version === row.version;
    });
  if (!isSame) return false;
  database.$client.transactionSync(() => {
    what.store();
    for (const { name, iv, ciphertext } of what.current) {
      const set = { iv, ciphertext, dataKeyId: what.id };
      database.update(secrets).set(set).where(eq(secrets.name, name)).run();
    }
    for (const { name, version, iv, ciphertext } of what.former) {
      const row = and(eq(retiredSecrets.name, name), eq(retiredSecrets.version, version));
      database.update(retiredSecrets).set({ iv, ciphertext, dataKeyId: what.id }).where(row).run();
    }
    database.delete(retiredSecrets).where(eq(retiredSecrets.dataKeyId, what.old)).run();
    database.delete(dataKeys).where(eq(dataKeys.id, what.old)).run();
  });
  return true;
}

function currentOf({ database }: DataKeyPlace): Stored[] {
  const rows = database.select().from(secrets).orderBy(secrets.name).all();
  return rows.flatMap(({ name, version, iv, ciphertext }) =>
    iv && ciphertext ? [{ name, version, iv, ciphertext }] : [],
  );
}

function contextOf(
  { workspaceId }: DataKeyPlace,
  name: string,
  version: number,
  keyId: string,
): (string | number)[] {
  return ["secret", workspaceId, name, version, keyId];
}
