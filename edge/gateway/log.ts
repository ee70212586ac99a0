import { and, desc, eq, gte, lt, type SQL } from "drizzle-orm";
import { calls } from "#edge/db/tables/workspace-object";
import type { WorkspaceDatabase } from "#edge/db/workspace-database";
import type { CallLogFilter, CallLogRow, UsageDimension, UsageRow } from "./workspace-api.ts";

/** Rows older than this are deleted; milliseconds. */
const keptMs = 30 * 86_400_000;
/** Rows kept at most. */
const keptRows = 100_000;
/** How long rows may wait for company; milliseconds. */
const batchMs = 100;
const insertsUntilPruned = 500;

/** Takes a batch as one JSON array of arrays: one statement for all of it, not one a call. */
const insertCalls = `INSERT INTO calls (id, at, mcp, tool, token_id, member, client, latency_ms,
  upstream_ms, request_bytes, response_bytes, outcome, error_code, run_id)
  SELECT ${Array.from({ length: 14 }, (_, column) => `value ->> ${column}`).join(", ")}
  FROM json_each(?)`;

interface LogPlace {
  readonly database: WorkspaceDatabase;
  now(): number;
  /** Runs with every batch: what else may wait until after the answer. */
  withBatch(): void;
  /** Runs after this long, also when the answer has left. */
  later(work: () => void, delayMs: number): void;
}

/**
 * One row for every call, of whatever outcome, never with arguments or results. The answer does
 * not wait: rows are written in batches shortly after; a read writes what is waiting first.
 */
export class CallLog {
  readonly #place: LogPlace;
  #waiting: CallLogRow[] = [];
  #scheduled = false;
  #written = 0;

  constructor(place: LogPlace) {
    this.#place = place;
  }

  add(row: CallLogRow): void {
    this.#waiting.push(row);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#place.later(() => this.flush(), batchMs);
  }

  flush(): void {
    this.#scheduled = false;
    const rows = this.#waiting;
    if (rows.length === 0) return;
    this.#waiting = [];
    const { $client } = this.#place.database;
    $client.sql.exec(insertCalls, JSON.stringify(rows.map(valuesOf)));
    this.#place.withBatch();
    this.#written += rows.length;
    if (this.#written < insertsUntilPruned) return;
    this.#written = 0;
    this.#prune();
  }

  /** Newest first. */
  read(filter: CallLogFilter): CallLogRow[] {
    this.flush();
    const limit = Math.min(Math.max(filter.limit ?? 100, 1), 1000);
    const rows = this.#place.database
      .select()
      .from(calls)
      .where(matching(filter))
      .orderBy(desc(calls.at), desc(calls.id))
      .limit(limit)
      .all();
    return rows.map(toRow);
  }

  usage({ since = 0, by = "tool" }: { since?: number; by?: UsageDimension }): UsageRow[] {
    this.flush();
    const rows = this.#place.database
      .select({
        at: calls.at,
        mcp: calls.mcp,
        tool: calls.tool,
        member: calls.member,
        outcome: calls.outcome,
        latencyMs: calls.latencyMs,
      })
      .from(calls)
      .where(gte(calls.at, since))
      .all();
    const groups = Map.groupBy(rows, (row) => {
      if (by === "day") return new Date(row.at).toISOString().slice(0, 10);
      return row[by] ?? "-";
    });
    return [...groups]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, group]) => {
        const latencies = group.map((row) => row.latencyMs).sort((a, b) => a - b);
        return {
          key,
          calls: group.length,
          errors: group.filter((row) => row.outcome !== "ok").length,
          p50Ms: percentile(latencies, 0.5),
          p95Ms: percentile(latencies, 0.95),
        };
      });
  }

  #prune(): void {
    const { database } = this.#place;
    database
      .delete(calls)
      .where(lt(calls.at, this.#place.now() - keptMs))
      .run();
    const oldest = database
      .select({ id: calls.id })
      .from(calls)
      .orderBy(desc(calls.id))
      .offset(keptRows)
      .limit(1)
      .get();
    if (oldest) database.delete(calls).where(lt(calls.id, oldest.id)).run();
  }
}

function valuesOf(row: CallLogRow): (string | number | null)[] {
  return [
    row.id,
    row.at,
    row.mcp,
    row.tool,
    row.tokenId ?? null,
    row.member ?? null,
    row.client ?? null,
    row.latencyMs,
    row.upstreamMs,
    row.requestBytes,
    row.responseBytes,
    row.outcome,
    row.errorCode ?? null,
    row.runId ?? null,
  ];
}

function matching(filter: CallLogFilter): SQL | undefined {
  return and(
    filter.mcp === undefined ? undefined : eq(calls.mcp, filter.mcp),
    filter.tool === undefined ? undefined : eq(calls.tool, filter.tool),
    filter.member === undefined ? undefined : eq(calls.member, filter.member),
    filter.outcome === undefined ? undefined : eq(calls.outcome, filter.outcome),
    filter.since === undefined ? undefined : gte(calls.at, filter.since),
  );
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function toRow(row: typeof calls.$inferSelect): CallLogRow {
  const { tokenId, member, client, errorCode, runId, ...rest } = row;
  return {
    ...rest,
    ...(tokenId === null ? {} : { tokenId }),
    ...(member === null ? {} : { member }),
    ...(client === null ? {} : { client }),
    ...(errorCode === null ? {} : { errorCode }),
    ...(runId === null ? {} : { runId }),
  };
}
