import { desc } from "drizzle-orm";
import { dataKeys } from "#edge/db/tables/workspace-object";
import type { WorkspaceDatabase } from "#edge/db/workspace-database";
import { importAesKey, type Keyring, seal, unseal } from "./keyring.ts";

/** The one key that all secrets of a workspace are encrypted with. */
export interface DataKey {
  readonly id: string;
  readonly key: CryptoKey;
}

export interface DataKeyPlace {
  readonly database: WorkspaceDatabase;
  readonly keyring: Keyring;
  readonly workspaceId: string;
  now(): number;
}

const firstId = "dk1";

function context(workspaceId: string, id: string, masterKeyId: string): string[] {
  return ["data-key", workspaceId, id, masterKeyId];
}

/** Reads the data key, made at first use; wraps it anew when the current master key has changed. */
export async function openDataKey(place: DataKeyPlace): Promise<DataKey> {
  const { database, keyring, workspaceId } = place;
  const row = database.select().from(dataKeys).orderBy(desc(dataKeys.createdAt)).limit(1).get();
  if (!row) {
    const made = await newDataKey(place, firstId);
    made.store();
    return made.dataKey;
  }
  const raw = await unseal(
    await keyring.key(row.masterKeyId),
    { iv: new Uint8Array(row.iv), ciphertext: new Uint8Array(row.wrapped) },
    context(workspaceId, row.id, row.masterKeyId),
  );
  if (row.masterKeyId !== keyring.currentId) (await wrap(place, row.id, raw))();
  return { id: row.id, key: await importAesKey(raw) };
}

/** A fresh key that is not written yet; `store` writes it, at once, so within a transaction too. */
export async function newDataKey(
  place: DataKeyPlace,
  id: string,
): Promise<{ dataKey: DataKey; store: () => void }> {
  const raw = crypto.getRandomValues(new Uint8Array(32));
  return { dataKey: { id, key: await importAesKey(raw) }, store: await wrap(place, id, raw) };
}

async function wrap(
  place: DataKeyPlace,
  id: string,
  raw: Uint8Array<ArrayBuffer>,
): Promise<() => void> {
  const masterKeyId = place.keyring.currentId;
  const sealed = await seal(
    await place.keyring.key(masterKeyId),
    raw,
    context(place.workspaceId, id, masterKeyId),
  );
  const values = {
    masterKeyId,
    iv: Buffer.from(sealed.iv),
    wrapped: Buffer.from(sealed.ciphertext),
  };
  return () => {
    place.database
      .insert(dataKeys)
      .values({ id, ...values, createdAt: place.now() })
      .onConflictDoUpdate({ target: dataKeys.id, set: values })
      .run();
  };
}
