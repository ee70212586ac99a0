import createHistory from "./migrations/run/0001-create-history.sql";

/**
 * Whether the SQLite of an object has the tables of runs. They are made with its first run, so that an
 * unknown id leaves no database behind; there is no record of migrations: the next one has to tell
 * from `sqlite_master` what it finds.
 */
export function hasRunTables(sql: SqlStorage): boolean {
  const names = sql
    .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
    .toArray()
    .map(({ name }) => name);
  if (names.includes("history")) return true;
  if (!names.includes("events")) return false;
  adoptSingleRun(sql, names.includes("request"));
  return true;
}

export function createRunTables(sql: SqlStorage): void {
  sql.exec(createHistory);
}

/**
 * Until November 2026 every run had an object, and so tables, of its own; for a while with the request
 * in one of them. Its alarm is set: it is looked at as soon as that comes.
 */
function adoptSingleRun(sql: SqlStorage, isSplit: boolean): void {
  createRunTables(sql);
  const request = isSplit
    ? "SELECT 0 AS seq, part, body FROM request UNION ALL SELECT seq, part, body FROM events"
    : "SELECT seq, part, body FROM events";
  sql.exec(
    `INSERT INTO history (run, seq, part, body) SELECT '', seq, part, body FROM (${request})`,
  );
  const first = "SELECT body FROM history WHERE seq = 0 ORDER BY part";
  const text = sql.exec<{ body: string }>(first).toArray();
  const { id } = JSON.parse(text.map(({ body }) => body).join("")) as { id: string };
  sql.exec("UPDATE history SET run = ?", id);
  sql.exec("INSERT INTO wakes (run, at) VALUES (?, 0)", id);
  for (const table of ["events", "request", "migrations"])
    sql.exec(`DROP TABLE IF EXISTS ${table}`);
}
