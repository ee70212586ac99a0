import { and, desc, eq } from "drizzle-orm";
import { runs } from "#edge/db/tables/workspace-object";
import type { WorkspaceDatabase } from "#edge/db/workspace-database";
import type { RunRow } from "./records.ts";

const keptRows = 10_000;
/** How long reports may wait for company; milliseconds. */
const batchMs = 50;

/** Takes a batch as one JSON array of arrays. A report that comes late does not undo the end. */
const upsertRuns = `INSERT INTO runs
  (id, workflow, version, status, trigger, started_at, ended_at, error)
  SELECT ${Array.from({ length: 8 }, (_, column) => `value ->> ${column}`).join(", ")}
  FROM json_each(?) WHERE true
  ON CONFLICT (id) DO UPDATE SET status = excluded.status, ended_at = excluded.ended_at,
  error = excluded.error WHERE runs.ended_at IS NULL`;

const pruneRuns = `DELETE FROM runs WHERE started_at < (
  SELECT started_at FROM runs ORDER BY started_at DESC LIMIT 1 OFFSET ?)`;

interface RunsPlace {
  readonly database: WorkspaceDatabase;
  /** Runs after this long. */
  later(work: () => void, delayMs: number): void;
}

/** What the runs of this workspace report about themselves. */
export class Runs {
  readonly #place: RunsPlace;
  #active: Set<string> | undefined;
  #waiting: RunRow[] = [];
  #written: Promise<void> | undefined;
  #sinceSwept = 0;

  constructor(place: RunsPlace) {
    this.#place = place;
  }

  /** Runs that said they are under way, and not yet that they wait or ended. */
  get active(): number {
    return this.#running().size;
  }

  /** Resolves when the reports are stored. They may arrive twice or out of order. */
  record(reports: readonly RunRow[]): Promise<void> {
    this.#waiting.push(...reports);
    return (this.#written ??= this.#batch());
  }

  async #batch(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#place.later(resolve, batchMs);
    });
    this.flush();
  }

  flush(): void {
    this.#written = undefined;
    const rows = this.#waiting;
    if (rows.length === 0) return;
    const running = this.#running();
    const { sql } = this.#place.database.$client;
    // One statement takes a run once: its last report of the batch, unless an earlier one ended it.
    const last = new Map<string, RunRow>();
    for (const row of rows) {
      if (last.get(row.id)?.endedAt === undefined) last.set(row.id, row);
    }
    sql.exec(upsertRuns, JSON.stringify([...last.values()].map(valuesOf)));
    this.#waiting = [];
    for (const { id } of last.values()) {
      const stored = sql.exec<{ status: string }>("SELECT status FROM runs WHERE id = ?", id).one();
      if (stored.status === "running") running.add(id);
      else running.delete(id);
    }
    this.#sinceSwept += last.size;
    if (this.#sinceSwept < keptRows / 10) return;
    this.#sinceSwept = 0;
    sql.exec(pruneRuns, keptRows - 1);
  }

  /** Newest first. */
  list(filter: { workflow?: string; status?: string; limit?: number }): RunRow[] {
    this.flush();
    const rows = this.#place.database
      .select()
      .from(runs)
      .where(
        and(
          filter.workflow === undefined ? undefined : eq(runs.workflow, filter.workflow),
          filter.status === undefined
            ? undefined
            : eq(runs.status, filter.status as RunRow["status"]),
        ),
      )
      .orderBy(desc(runs.startedAt))
      .limit(Math.min(Math.max(filter.limit ?? 50, 1), 500))
      .all();
    return rows.map(({ endedAt, error, ...row }) => ({
      ...row,
      ...(endedAt === null ? {} : { endedAt }),
      ...(error === null ? {} : { error }),
    }));
  }

  #running(): Set<string> {
    this.#active ??= new Set(
      this.#place.database
        .select({ id: runs.id })
        .from(runs)
        .where(eq(runs.status, "running"))
        .all()
        .map(({ id }) => id),
    );
    return this.#active;
  }
}

function valuesOf(run: RunRow): unknown[] {
  const { id, workflow, version, status, trigger, startedAt, endedAt, error } = run;
  return [id, workflow, version, status, trigger, startedAt, endedAt ?? null, error ?? null];
}
