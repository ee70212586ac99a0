import { gte } from "drizzle-orm";
import { calls } from "#edge/db/tables/workspace-object";
import type { WorkspaceDatabase } from "#edge/db/workspace-database";
import { anomaliesOf } from "./anomalies.ts";
import type { UsageDimension, UsageRow } from "./records.ts";

/** What a token that called too often is refused with. */
const limitCodes = new Set(["token.rate-limited", "token.quota"]);

const columns = {
  at: calls.at,
  mcp: calls.mcp,
  tool: calls.tool,
  member: calls.member,
  outcome: calls.outcome,
  errorCode: calls.errorCode,
  latencyMs: calls.latencyMs,
};
type Row = Pick<typeof calls.$inferSelect, keyof typeof columns>;

/** The call log added up, in the order of the keys. */
export function usageOf(
  database: WorkspaceDatabase,
  since: number,
  by: UsageDimension,
): UsageRow[] {
  const rows = database.select(columns).from(calls).where(gte(calls.at, since)).all();
  const groups = Map.groupBy(rows, (row) => {
    if (by === "day") return new Date(row.at).toISOString().slice(0, 10);
    return row[by] ?? "-";
  });
  const figures = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, group]) => figuresOf(key, group));
  return figures.map(({ failed, ...row }) => {
    const others = figures.filter((one) => one.key !== row.key);
    return { ...row, anomalies: anomaliesOf({ ...row, failed }, others) };
  });
}

function figuresOf(key: string, rows: readonly Row[]) {
  const denied = rows.filter(({ outcome }) => outcome === "denied");
  const answered = rows.filter(({ outcome }) => outcome !== "denied");
  // A refusal takes no time and would make the slow look fast.
  const latencies = answered.map(({ latencyMs }) => latencyMs).toSorted((a, b) => a - b);
  const failed = answered.filter(({ outcome }) => outcome !== "ok").length;
  return {
    key,
    calls: rows.length,
    errors: failed + denied.length,
    failed,
    denied: denied.length,
    rateLimited: denied.filter(({ errorCode }) => limitCodes.has(errorCode ?? "")).length,
    lastAt: rows.reduce((latest, { at }) => Math.max(latest, at), 0),
    p50Ms: percentile(latencies, 0.5),
    p95Ms: percentile(latencies, 0.95),
  };
}

function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
