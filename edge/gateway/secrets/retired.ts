import { and, desc, eq, lte } from "drizzle-orm";
import { retiredSecrets, type secrets } from "#edge/db/tables/workspace-object";
import type { WorkspaceDatabase } from "#edge/db/workspace-database";

type SecretRow = typeof secrets.$inferSelect;
export type RetiredRow = typeof retiredSecrets.$inferSelect;

/** Former values of one secret that are kept. */
const kept = 5;

/**
 * Keeps the value of a row that is about to be replaced, as it is encrypted: upstreams may still
 * echo it, and an object that was evicted must know what to redact. Nothing ever releases it.
 */
export function retire(database: WorkspaceDatabase, row: SecretRow): void {
  const { name, version, dataKeyId, iv, ciphertext } = row;
  if (!dataKeyId || !iv || !ciphertext) return;
  const values = { name, version, dataKeyId, iv, ciphertext };
  database.insert(retiredSecrets).values(values).onConflictDoNothing().run();
  const [oldest] = database
    .select({ version: retiredSecrets.version })
    .from(retiredSecrets)
    .where(eq(retiredSecrets.name, name))
    .orderBy(desc(retiredSecrets.version))
    .limit(1)
    .offset(kept)
    .all();
  if (!oldest) return;
  database
    .delete(retiredSecrets)
    .where(and(eq(retiredSecrets.name, name), lte(retiredSecrets.version, oldest.version)))
    .run();
}

export function listRetired(database: WorkspaceDatabase): RetiredRow[] {
  return database.select().from(retiredSecrets).all();
}

/** With the secret itself: whoever deletes it wants nothing of it left. */
export function forgetRetired(database: WorkspaceDatabase, name: string): void {
  database.delete(retiredSecrets).where(eq(retiredSecrets.name, name)).run();
}
