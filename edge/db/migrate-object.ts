/** A numbered file of `edge/db/migrations/<object>/`; the id is its name without `.sql`. */
export interface ObjectMigration {
  readonly id: string;
  readonly sql: string;
}

/**
 * Brings the SQLite database of a Durable Object up to date: runs, in order, the migrations that
 * the `migrations` table does not name yet. All of them and their record commit together or not
 * at all.
 */
export function migrateObject(
  storage: Pick<DurableObjectStorage, "sql" | "transactionSync">,
  migrations: readonly ObjectMigration[],
): void {
  const { sql } = storage;
  storage.transactionSync(() => {
    sql.exec("CREATE TABLE IF NOT EXISTS migrations (id TEXT PRIMARY KEY) WITHOUT ROWID");
    const done = new Set(
      sql
        .exec<{ id: string }>("SELECT id FROM migrations")
        .toArray()
        .map((row) => row.id),
    );
    for (const migration of migrations) {
      if (done.has(migration.id)) continue;
      sql.exec(migration.sql);
      sql.exec("INSERT INTO migrations (id) VALUES (?)", migration.id);
    }
  });
}
