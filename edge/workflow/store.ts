import { createRunTables, runTablesOf } from "#edge/db/run-database";
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

/** The rows of one run. Everything is synchronous: what one call writes commits together. */
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

const selectRequest = {
  whole: "SELECT body FROM events WHERE seq = 0 ORDER BY part",
  split: "SELECT body FROM request ORDER BY part",
} as const;

export function openRunStore({ sql }: Pick<DurableObjectStorage, "sql">): RunStore {
  let tables = runTablesOf(sql);
  const insert = (seq: number, text: string) => {
    split(text).forEach((body, part) => {
      sql.exec("INSERT INTO events (seq, part, body) VALUES (?, ?, ?)", seq, part, body);
    });
  };
  return {
    readRequest() {
      if (tables === "none") return undefined;
      const rows = sql.exec<{ body: string }>(selectRequest[tables]).toArray();
      if (rows.length === 0) return undefined;
      return fromStoredRequest(rows.map(({ body }) => body).join(""));
    },
    writeRequest(request) {
      // An unknown id must not leave a database behind: the table is made with the first write.
      if (tables === "none") createRunTables(sql);
      tables = "whole";
      insert(0, toStoredRequest(request));
    },
    readEvents(after) {
      if (tables === "none") return [];
      const bodies = new Map<number, string>();
      const rows = sql.exec<{ seq: number; body: string }>(
        "SELECT seq, body FROM events WHERE seq > ? ORDER BY seq, part",
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
      if (tables === "none") return 0;
      const sum = "SELECT sum(length(body)) AS n FROM events WHERE seq > 0";
      return sql.exec<{ n: number | null }>(sum).one().n ?? 0;
    },
  };
}

/** What became durable together: the events up to `last`. Before November 2026 each had its own row. */
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
export function failClosed(store: RunStore, failed: () => void): RunStore {
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
    writeRequest: (request) => write(() => store.writeRequest(request)),
    appendEvents: (events) => write(() => store.appendEvents(events)),
  };
}
