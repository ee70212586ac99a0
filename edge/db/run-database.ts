import { migrateObject } from "./migrate-object.ts";
import createHistory from "./migrations/run/0001-create-history.sql";

/** Brings the SQLite of a `Run` object up to date. Synchronous. */
export function migrateRunDatabase(storage: DurableObjectStorage): void {
  migrateObject(storage, [{ id: "0001-create-history", sql: createHistory }]);
}
