import { and, desc, eq, gte, lt, lte, or, sql, type SQL } from "drizzle-orm";
import { BugError } from "#blueprints/error";
import { calls } from "#edge/db/tables/workspace-object";
import type { WorkspaceDatabase } from "#edge/db/workspace-database";
import { incidentOf } from "#edge/incident";
import type { TracedCall } from "#edge/observe/otlp/calls";
import type { Captures } from "./captures.ts";
import type { CallTrace } from "#edge/observe/trace-context";
import { UsageDays } from "./usage/usage-days.ts";
import { usageOf } from "./usage/usage.ts";
import type { WorkspaceSettings } from "./workspace-api.ts";
import type { CallLogFilter, CallLogRow, UsageDimension, UsageRow } from "./records.ts";

const dayMs = 86_400_000;
/** How long rows may wait for company; milliseconds. */
const batchMs = 100;
/** How long a batch that the database refused waits at most; each time twice as long. */
const longestRetryMs = 30_000;
/** How often one row is tried, over about three minutes, and how many wait for it at most. */
const maximumAttempts = 14;
const maximumWaiting = 20_000;
const insertsUntilPruned = 500;
/** Rows of one answer that come with what was captured; it is large. */
const shownCaptures = 100;

/** Takes a batch as one JSON array of arrays: one statement for all of it, not one a call. */
const insertCalls = `INSERT INTO calls (id, at, kind, mcp, tool, token_id, member, client, latency_ms,
  upstream_ms, request_bytes, response_bytes, outcome, error_code, run_id)
  SELECT ${Array.from({ length: 15 }, (_, column) => `value ->> ${column}`).join(", ")}
  FROM json_each(?)`;

interface LogPlace {
  readonly database: WorkspaceDatabase;
  readonly captures: Captures;
  now(): number;
  retention(): WorkspaceSettings;
  /** Runs with every batch: what else may wait until after the answer. */
  withBatch(calls: readonly TracedCall[]): void;
  /** Runs after this long, also when the answer has left. */
  later(work: () => void, delayMs: number): void;
}

/**
 * One row for every call, of whatever outcome; arguments and results are `Captures`. The answer does
 * not wait: rows are written in batches shortly after; a read writes what is waiting first. A batch
 * that the database refuses is kept and tried again, until it is too old or too many wait; what is
 * given up then is an incident.
 */
export class CallLog {
  readonly #place: LogPlace;
  readonly #days: UsageDays;
  #waiting: Waiting[] = [];
  #scheduled = false;
  /** Of writes, one after the other. */
  #failures = 0;
  #written = 0;

  constructor(place: LogPlace) {
    this.#place = place;
    this.#days = new UsageDays(place.database);
  }

  /** `trace`: the span that stands for this call, where one was begun. */
  add(row: CallLogRow, trace?: CallTrace): void {
    this.#waiting.push({ row, ...trace, attempts: 0 });
    if (this.#waiting.length > maximumWaiting) this.#giveUp(1);
    this.#schedule(batchMs);
  }

  #schedule(delayMs: number): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#place.later(() => {
      this.#scheduled = false;
      this.#flush();
    }, delayMs);
  }

  #flush(): void {
    const batch = this.#waiting;
    if (batch.length === 0) return;
    try {
      this.#write(batch.map(({ row }) => row));
    } catch (error) {
      this.#keep(error);
      return;
    }
    this.#failures = 0;
    this.#waiting = [];
    this.#place.captures.written();
    this.#place.withBatch(batch);
    this.#written += batch.length;
    if (this.#written < insertsUntilPruned) return;
    this.#written = 0;
    this.prune();
  }

  #write(rows: readonly CallLogRow[]): void {
    const { $client } = this.#place.database;
    $client.transactionSync(() => {
      $client.sql.exec(insertCalls, JSON.stringify(rows.map(valuesOf)));
      this.#days.add(rows);
      this.#place.captures.write();
    });
  }

  #keep(error: unknown): void {
    incidentOf(new BugError("log.write-failed", String(error), { cause: error }));
    for (const call of this.#waiting) call.attempts += 1;
    this.#giveUp(this.#waiting.filter(({ attempts }) => attempts >= maximumAttempts).length);
    this.#failures += 1;
    this.#schedule(Math.min(batchMs * 2 ** this.#failures, longestRetryMs));
  }

  /** The oldest ones, which stand first. */
  #giveUp(count: number): void {
    if (count === 0) return;
    this.#waiting.splice(0, count);
    incidentOf(new BugError("log.rows-lost", `${count} rows of the call log were given up.`));
  }

  /** Before a read; while writes fail, a read does not press for another attempt. */
  #settle(): void {
    if (this.#failures === 0) this.#flush();
  }

  /** Newest first. */
  read(filter: CallLogFilter): CallLogRow[] {
    this.#settle();
    const limit = Math.min(Math.max(filter.limit ?? 100, 1), 1000);
    const rows = this.#place.database
      .select()
      .from(calls)
      .where(and(matching(filter), gte(calls.at, this.#oldest())))
      .orderBy(desc(calls.at), desc(calls.id))
      .limit(limit)
      .all();
    const shown = rows.slice(0, shownCaptures).map(({ id }) => id);
    const captured = this.#place.captures.read(shown);
    return rows.map((row) => ({ ...toRow(row), ...captured.get(row.id) }));
  }

  /** Goes back further than the rows. */
  usage({ since = 0, by = "tool" }: { since?: number; by?: UsageDimension }): UsageRow[] {
    this.#settle();
    const { database } = this.#place;
    return usageOf({ database, days: this.#days, oldest: this.#oldest() }, since, by);
  }

  /** Deletes what the workspace keeps no longer, and what was captured of it. */
  prune(): void {
    this.#settle();
    const { database, captures } = this.#place;
    const { keptRows, captureCalls } = this.#place.retention();
    database.delete(calls).where(lt(calls.at, this.#oldest())).run();
    const ids = database.select({ id: calls.id }).from(calls).orderBy(desc(calls.id));
    const newestGone = ids.offset(keptRows).limit(1).get();
    if (newestGone) database.delete(calls).where(lte(calls.id, newestGone.id)).run();
    const oldest = database.select({ id: calls.id }).from(calls).orderBy(calls.id).limit(1).get();
    captures.prune(captureCalls ? oldest?.id : undefined);
    this.#days.prune(this.#place.now());
  }

  /** Milliseconds since 1970 of the oldest row that may still be read. */
  #oldest(): number {
    return this.#place.now() - this.#place.retention().keptDays * dayMs;
  }
}

interface Waiting extends TracedCall {
  /** That failed. */
  attempts: number;
}

function valuesOf(row: CallLogRow): (string | number | null)[] {
  return [
    row.id,
    row.at,
    row.kind,
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
    filter.text === undefined ? undefined : holding(filter.text),
    filter.outcome === undefined ? undefined : eq(calls.outcome, filter.outcome),
    filter.after === undefined ? undefined : lt(calls.id, filter.after),
    filter.since === undefined ? undefined : gte(calls.at, filter.since),
  );
}

/** Case does not matter; `%` and `_` are ordinary characters here. */
function holding(text: string): SQL | undefined {
  const sought = text.toLowerCase();
  return or(
    ...[calls.tool, calls.member, calls.client].map(
      (column) => sql`instr(lower(${column}), ${sought}) > 0`,
    ),
  );
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
