import { createRunTables, hasRunTables } from "#edge/db/run-database";
import { type RunEvent, runEventSchema } from "./history.ts";
import { fromStoredRequest, toStoredRequest } from "./pinned-document.ts";
import type { RunRequest } from "./run-api.ts";

/** UTF-16 units a row: at most 1.8 MB of UTF-8, below the 2 MB that SQLite here allows. */
const partLength = 600_000;

export interface StoredEvent {
  /** 1 for the first event; the id of the run's stream. */
  readonly seq: number;
  readonly event: RunEvent;
}

/** The rows of one run. Everything is synchronous: what one turn writes commits together. */
export interface RunStore {
  /** Undefined: no run was ever started here. */
  readRequest(): RunRequest | undefined;
  writeRequest(request: RunRequest): void;
  readEvents(after: number): StoredEvent[];
  /** Bytes of JSON written, about. */
  appendEvents(events: readonly StoredEvent[]): number;
  /** Bytes of all stored events, about. */
  bytes(): number;
}

function split(text: string): string[] {
  const parts: string[] = [];
  for (let from = 0; from < text.length;) {
    let to = Math.min(text.length, from + partLength);
    const last = text.charCodeAt(to - 1);
    if (to < text.length && last >= 0xd800 && last < 0xdc00) to -= 1;
    parts.push(text.slice(from, to));
    from = to;
  }
  return parts;
}

/** The rows of all runs of a shard. */
export interface ShardStore {
  /** Those of one run, which need not exist. */
  of(run: string): RunStore;
  /** Milliseconds since 1970: when somebody has to look at the run again; another time replaces it. */
  wakeAt(run: string, at: number): void;
  /** The first of these times. */
  firstWake(): number | undefined;
  /** Runs whose time has come, the earliest first; from now on it is `until`, unless they say another. */
  takeDue(now: number, until: number): string[];
  /** Deletes a run. */
  forget(run: string): void;
  isEmpty(): boolean;
}

/** Runs that are looked at in one turn. */
const dueAtMost = 100;

export function openShardStore({ sql }: Pick<DurableObjectStorage, "sql">): ShardStore {
  const tables: Tables = { sql, isThere: hasRunTables(sql) };
  return {
    of: (run) => openRunStore(tables, run),
    wakeAt(run, at) {
      makeSure(tables);
      sql.exec("INSERT OR REPLACE INTO wakes (run, at) VALUES (?, ?)", run, at);
    },
    firstWake() {
      if (!tables.isThere) return undefined;
      return sql.exec<{ at: number }>("SELECT at FROM wakes ORDER BY at LIMIT 1").toArray()[0]?.at;
    },
    takeDue(now, until) {
      if (!tables.isThere) return [];
      const due = "SELECT run FROM wakes WHERE at <= ? ORDER BY at LIMIT ?";
      const runs = sql.exec<{ run: string }>(due, now, dueAtMost).toArray();
      for (const { run } of runs) sql.exec("UPDATE wakes SET at = ? WHERE run = ?", until, run);
      return runs.map(({ run }) => run);
    },
    forget(run) {
      if (!tables.isThere) return;
      sql.exec("DELETE FROM history WHERE run = ?", run);
      sql.exec("DELETE FROM wakes WHERE run = ?", run);
    },
    isEmpty() {
      return !tables.isThere || sql.exec("SELECT 1 FROM history LIMIT 1").toArray().length === 0;
    },
  };
}

interface Tables {
  readonly sql: SqlStorage;
  isThere: boolean;
}

/** An unknown id must not leave a database behind: the tables are made with the first write. */
function makeSure(tables: Tables): void {
  if (!tables.isThere) createRunTables(tables.sql);
  tables.isThere = true;
}

function openRunStore(tables: Tables, run: string): RunStore {
  const { sql } = tables;
  const insert = (seq: number, text: string) => {
    split(text).forEach((body, part) => {
      const row = "INSERT INTO history (run, seq, part, body) VALUES (?, ?, ?, ?)";
      sql.exec(row, run, seq, part, body);
    });
  };
  return {
    readRequest() {
      if (!tables.isThere) return undefined;
      const parts = "SELECT body FROM history WHERE run = ? AND seq = 0 ORDER BY part";
      const rows = sql.exec<{ body: string }>(parts, run).toArray();
      if (rows.length === 0) return undefined;
      return fromStoredRequest(rows.map(({ body }) => body).join(""));
    },
    writeRequest(request) {
      makeSure(tables);
      insert(0, toStoredRequest(request));
    },
    readEvents(after) {
      if (!tables.isThere) return [];
      const bodies = new Map<number, string>();
      const rows = sql.exec<{ seq: number; body: string }>(
        "SELECT seq, body FROM history WHERE run = ? AND seq > ? ORDER BY seq, part",
        run,
        after,
      );
      for (const { seq, body } of rows) bodies.set(seq, (bodies.get(seq) ?? "") + body);
      return [...bodies].flatMap(([seq, body]) => toEvents(seq, body, after));
    },
    appendEvents(events) {
      const last = events.at(-1);
      if (!last) return 0;
      const text = JSON.stringify(events.map(({ event }) => event));
      insert(last.seq, text);
      return text.length;
    },
    bytes() {
      if (!tables.isThere) return 0;
      const sum = "SELECT sum(length(body)) AS n FROM history WHERE run = ? AND seq > 0";
      return sql.exec<{ n: number | null }>(sum, run).one().n ?? 0;
    },
  };
}

/** What became durable together: the events up to `last`. Until November 2026 each had its own row. */
function toEvents(last: number, body: string, after: number): StoredEvent[] {
  const stored = JSON.parse(body) as unknown;
  const events = Array.isArray(stored) ? (stored as unknown[]) : [stored];
  const first = last - events.length + 1;
  return events
    .map((event, index) => ({ seq: first + index, event }))
    .filter(({ seq }) => seq > after)
    .map(({ seq, event }) => ({ seq, event: runEventSchema.parse(event) }));
}

/** The same rows; `failed` is called when something could not be written, before that is thrown. */
export function failClosed(store: ShardStore, failed: () => void): ShardStore {
  const write = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      failed();
      throw error;
    }
  };
  return {
    ...store,
    of(id) {
      const run = store.of(id);
      return {
        ...run,
        writeRequest: (request) => write(() => run.writeRequest(request)),
        appendEvents: (events) => write(() => run.appendEvents(events)),
      };
    },
    wakeAt: (run, at) => write(() => store.wakeAt(run, at)),
  };
}
