import { migrateRunDatabase } from "#edge/db/run-database";
import { type RunEvent, runEventSchema } from "./history.ts";
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

export function openRunStore(storage: DurableObjectStorage): RunStore {
  const { sql } = storage;
  let created = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'events'").toArray().length > 0;
  const create = () => {
    if (created) return;
    migrateRunDatabase(storage);
    created = true;
  };
  // An unknown id must not leave a database behind: tables are made with the first write.
  if (created) {
    created = false;
    create();
  }
  return {
    readRequest() {
      if (!created) return undefined;
      const rows = sql.exec<{ body: string }>("SELECT body FROM request ORDER BY part").toArray();
      if (rows.length === 0) return undefined;
      return JSON.parse(rows.map(({ body }) => body).join("")) as RunRequest;
    },
    writeRequest(request) {
      create();
      split(JSON.stringify(request)).forEach((body, part) => {
        sql.exec("INSERT INTO request (part, body) VALUES (?, ?)", part, body);
      });
    },
    readEvents(after) {
      if (!created) return [];
      const bodies = new Map<number, string>();
      const rows = sql.exec<{ seq: number; body: string }>(
        "SELECT seq, body FROM events WHERE seq > ? ORDER BY seq, part",
        after,
      );
      for (const { seq, body } of rows) bodies.set(seq, (bodies.get(seq) ?? "") + body);
      return [...bodies].map(([seq, body]) => ({
        seq,
        event: runEventSchema.parse(JSON.parse(body)),
      }));
    },
    appendEvents(events) {
      let bytes = 0;
      for (const { seq, event } of events) {
        split(JSON.stringify(event)).forEach((body, part) => {
          bytes += body.length;
          sql.exec("INSERT INTO events (seq, part, body) VALUES (?, ?, ?)", seq, part, body);
        });
      }
      return bytes;
    },
    bytes() {
      if (!created) return 0;
      return (
        sql.exec<{ n: number | null }>("SELECT sum(length(body)) AS n FROM events").one().n ?? 0
      );
    },
  };
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
