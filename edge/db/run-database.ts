import createHistory from "./migrations/run/0001-create-history.sql";

/**
 * Which rows the SQLite of a `Run` object has: `none` before its run began, `split` where the request
 * stands in a table of its own, as it did before November 2026.
 */
export type RunTables = "none" | "whole" | "split";

export function runTablesOf(sql: SqlStorage): RunTables {
  const rows = sql
    .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name IN ('events', 'request')")
    .toArray();
  if (rows.length === 0) return "none";
  return rows.some(({ name }) => name === "request") ? "split" : "whole";
}

/**
 * Makes the table of a run that begins. Every run makes its own, so there is only this one, and no
 * record of migrations: the next one has to tell from `sqlite_master` what it finds.
 */
export function createRunTables(sql: SqlStorage): void {
  sql.exec(createHistory);
}
