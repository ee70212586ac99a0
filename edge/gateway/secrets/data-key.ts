import { eq } from "drizzle-orm";
import { dataKeys } from "#edge/db/tables/workspace-object";
import type { WorkspaceDatabase } from "#edge/db/workspace-database";
import { importAesKey, type Keyring, seal, unseal } from "./keyring.ts";

/** The one key that all secrets of a workspace are encrypted with. */
export interface DataKey {
  readonly id: string;
  readonly key: CryptoKey;
}

interface DataKeyPlace {
  readonly database: WorkspaceDatabase;
  readonly keyring: Keyring;
  readonly workspaceId: string;
  now(): number;
}

const dataKeyId = "dk1";

function context(workspaceId: string, masterKeyId: string): string[] {
  return ["data-key", workspaceId, dataKeyId, masterKeyId];
}

/** Reads the data key, made at first use; wraps it anew when the current master key has changed. */
export async function openDataKey(place: DataKeyPlace): Promise<DataKey> {
  const { database, keyring, workspaceId } = place;
  const row = database.select().from(dataKeys).where(eq(dataKeys.id, dataKeyId)).get();
  if (!row) {
    const raw = crypto.getRandomValues(new Uint8Array(32));
    await store(place, raw);
    return { id: dataKeyId, key: await importAesKey(raw) };
  }
  const raw = await unseal(
    await keyring.key(row.masterKeyId),
    { iv: new Uint8Array(row.iv), ciphertext: new Uint8Array(row.wrapped) },
    context(workspaceId, row.masterKeyId),
  );
  if (row.masterKeyId !== keyring.currentId) await store(place, raw);
  return { id: dataKeyId, key: await importAesKey(raw) };
}

async function store(place: DataKeyPlace, raw: Uint8Array<ArrayBuffer>): Promise<void> {
  const masterKeyId = place.keyring.currentId;
  const sealed = await seal(
    await place.keyring.key(masterKeyId),
    raw,
    context(place.workspaceId, masterKeyId),
  );
  const values = {
    masterKeyId,
    iv: Buffer.from(sealed.iv),
    wrapped: Buffer.from(sealed.ciphertext),
  };
  place.database
    .insert(dataKeys)
    .values({ id: dataKeyId, ...values, createdAt: place.now() })
    .onConflictDoUpdate({ target: dataKeys.id, set: values })
    .run();
}
