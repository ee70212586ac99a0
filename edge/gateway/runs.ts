import { and, desc, eq } from "drizzle-orm";
import { runs } from "#edge/db/tables/workspace-object";
import type { WorkspaceDatabase } from "#edge/db/workspace-database";
import type { RunRow } from "./workspace-api.ts";

const keptRows = 10_000;

/** Adds or updates what a run says about itself. Reports may arrive twice or out of order. */
export function recordRun(database: WorkspaceDatabase, run: RunRow): void {
  const known = database.select().from(runs).where(eq(runs.id, run.id)).get();
  const hasEnded = known !== undefined && known.endedAt !== null;
  if (hasEnded && run.endedAt === undefined) return;
  const set = { ...run, endedAt: run.endedAt ?? null, error: run.error ?? null };
  database.insert(runs).values(set).onConflictDoUpdate({ target: runs.id, set }).run();
  if (known) return;
  const oldest = database
    .select({ id: runs.id })
    .from(runs)
    .orderBy(desc(runs.startedAt))
    .offset(keptRows)
    .limit(1)
    .get();
  if (oldest) database.delete(runs).where(eq(runs.id, oldest.id)).run();
}

/** Newest first. */
export function listRuns(
  database: WorkspaceDatabase,
  filter: { workflow?: string; status?: string; limit?: number },
): RunRow[] {
  const rows = database
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
