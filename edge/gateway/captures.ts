import { inArray, lt } from "drizzle-orm";
import { capturedCalls } from "#edge/db/tables/workspace-object";
import type { WorkspaceDatabase } from "#edge/db/workspace-database";
import { isRecord } from "./upstream/json-rpc.ts";

/** Characters of the arguments, and of the result, that are kept of one call. */
const keptCharacters = 16_000;
const mark = "[redacted]";
/** Names of fields that hold credentials, whoever's they are. */
const sensitive =
  /^(?:.*[_-])?(?:password|passwd|passphrase|secret|token|api[_-]?key|authorization|cookie|credentials?|private[_-]?key|pin|otp|cvv|ssn|iban)$/i;

/** Of calls that are not written yet; the database may refuse them for a while. */
const maximumWaiting = 1000;

interface Captured {
  readonly callId: string;
  readonly arguments: string;
  readonly result: string;
}

/**
 * Arguments and results of calls, kept only while the workspace wants it. They come here after
 * known secrets were taken out; what fields of telling names hold is taken out here.
 */
export class Captures {
  readonly #database: WorkspaceDatabase;
  #waiting: Captured[] = [];

  constructor(database: WorkspaceDatabase) {
    this.#database = database;
  }

  add(callId: string, input: unknown, answer: unknown): void {
    this.#waiting.push({ callId, arguments: textOf(input), result: textOf(answer) });
    if (this.#waiting.length > maximumWaiting) this.#waiting.shift();
  }

  /** Inserts what is waiting; it waits on until the transaction around this has held: `written`. */
  write(): void {
    for (const row of this.#waiting) this.#database.insert(capturedCalls).values(row).run();
  }

  written(): void {
    this.#waiting = [];
  }

  read(callIds: readonly string[]): Map<string, Omit<Captured, "callId">> {
    const found = new Map<string, Omit<Captured, "callId">>();
    // SQLite of an object binds at most 100 values a statement.
    for (let at = 0; at < callIds.length; at += 90) {
      const ids = callIds.slice(at, at + 90);
      const rows = this.#database
        .select()
        .from(capturedCalls)
        .where(inArray(capturedCalls.callId, ids))
        .all();
      for (const { callId, ...row } of rows) found.set(callId, row);
    }
    return found;
  }

  /** Of calls before this one: ids grow with time. */
  prune(oldestKeptId: string | undefined): void {
    const older = oldestKeptId === undefined ? undefined : lt(capturedCalls.callId, oldestKeptId);
    this.#database.delete(capturedCalls).where(older).run();
  }
}

function textOf(value: unknown): string {
  return JSON.stringify(withoutSensitive(value) ?? null).slice(0, keptCharacters);
}

function withoutSensitive(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSensitive);
  if (!isRecord(value)) return typeof value === "string" ? withoutEmbedded(value) : value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      sensitive.test(key) ? mark : withoutSensitive(one),
    ]),
  );
}

/** A tool's text is often JSON itself. */
function withoutEmbedded(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.stringify(withoutSensitive(JSON.parse(text)));
  } catch {
    return text;
  }
}
