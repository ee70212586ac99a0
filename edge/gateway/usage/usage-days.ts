import { desc, gte, lt } from "drizzle-orm";
import { usageDays } from "#edge/db/tables/workspace-object";
import type { WorkspaceDatabase } from "#edge/db/workspace-database";
import type { CallLogRow } from "#edge/gateway/records";
import { addCall, emptyTally, type Tally } from "./tally.ts";

const dayMs = 86_400_000;
const keptDays = 400;
const keptRows = 100_000;

/** What calls are counted by. */
export interface UsageKey {
  /** In UTC, `2026-01-31`. */
  readonly day: string;
  readonly mcp: string;
  readonly tool: string;
  readonly tokenId: string;
  readonly member: string;
}

/** One statement for a batch, as of the log; latencies are added bucket by bucket. */
const addDays = `INSERT INTO usage_days (day, mcp, tool, token_id, member, calls, failed, denied,
  rate_limited, last_at, latencies)
  SELECT ${Array.from({ length: 11 }, (_, column) => `value ->> ${column}`).join(", ")}
  FROM json_each(?) WHERE true
  ON CONFLICT DO UPDATE SET
    calls = calls + excluded.calls,
    failed = failed + excluded.failed,
    denied = denied + excluded.denied,
    rate_limited = rate_limited + excluded.rate_limited,
    last_at = max(last_at, excluded.last_at),
    latencies = (SELECT json_group_object(key, total) FROM (
      SELECT key, sum(value) AS total FROM (
        SELECT key, value FROM json_each(usage_days.latencies)
        UNION ALL SELECT key, value FROM json_each(excluded.latencies)
      ) GROUP BY key))`;

/**
 * The call log added up by day, MCP server, tool, token and member: written together with the rows
 * that it counts, and kept for longer than they are.
 */
export class UsageDays {
  readonly #database: WorkspaceDatabase;

  constructor(database: WorkspaceDatabase) {
    this.#database = database;
  }

  add(rows: readonly CallLogRow[]): void {
    const tallies = new Map<string, { key: UsageKey; tally: Tally }>();
    for (const row of rows) {
      const key = keyOf(row);
      const id = JSON.stringify(Object.values(key));
      const known = tallies.get(id) ?? { key, tally: emptyTally() };
      tallies.set(id, known);
      addCall(known.tally, row);
    }
    const values = [...tallies.values()].map(({ key, tally }) => [
      key.day,
      key.mcp,
      key.tool,
      key.tokenId,
      key.member,
      tally.calls,
      tally.failed,
      tally.denied,
      tally.rateLimited,
      tally.lastAt,
      JSON.stringify(tally.latencies),
    ]);
    this.#database.$client.sql.exec(addDays, JSON.stringify(values));
  }

  /** From this day on. */
  read(day: string): (UsageKey & Tally)[] {
    return this.#database.select().from(usageDays).where(gte(usageDays.day, day)).all();
  }

  prune(now: number): void {
    const before = dayOf(now - keptDays * dayMs);
    this.#database.delete(usageDays).where(lt(usageDays.day, before)).run();
    const days = this.#database.select({ day: usageDays.day }).from(usageDays);
    const newestGone = days.orderBy(desc(usageDays.day)).offset(keptRows).limit(1).get();
    if (!newestGone) return;
    // Whole days go; of the one that reaches the limit nothing is known to be old.
    this.#database.delete(usageDays).where(lt(usageDays.day, newestGone.day)).run();
  }
}

/** Names that callers made up, and URIs, are as many as they like: they are counted as one. */
export function keyOf(
  row: Pick<CallLogRow, "at" | "kind" | "mcp" | "tool"> & {
    readonly tokenId?: string | null;
    readonly member?: string | null;
    readonly errorCode?: string | null;
  },
): UsageKey {
  const isTool = row.kind === "tools/call";
  return {
    day: dayOf(row.at),
    mcp: row.mcp,
    tool: !isTool ? row.kind : row.errorCode === "tool.unknown" ? "-" : row.tool,
    tokenId: row.tokenId ?? "-",
    member: row.member ?? "-",
  };
}

/** In UTC. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
