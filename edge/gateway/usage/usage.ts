import { and, gte, lt } from "drizzle-orm";
import { calls } from "#edge/db/tables/workspace-object";
import type { WorkspaceDatabase } from "#edge/db/workspace-database";
import type { UsageDimension, UsageRow } from "#edge/gateway/records";
import { anomaliesOf } from "./anomalies.ts";
import { percentile } from "./latencies.ts";
import { addCall, addTally, emptyTally, type Tally } from "./tally.ts";
import { dayOf, keyOf, type UsageDays, type UsageKey } from "./usage-days.ts";

const dayMs = 86_400_000;

interface UsagePlace {
  readonly database: WorkspaceDatabase;
  readonly days: UsageDays;
  /** Milliseconds since 1970 of the oldest row of the log that may still be read. */
  readonly oldest: number;
}

/**
 * Calls added up, in the order of the keys. Whole days, but for the first one: of that, calls from
 * `since` on, as long as the log still holds all of it.
 */
export function usageOf(place: UsagePlace, since: number, by: UsageDimension): UsageRow[] {
  const groups = new Map<string, Tally>();
  const groupOf = (key: UsageKey): Tally => {
    const name = by === "token" ? key.tokenId : key[by];
    const group = groups.get(name) ?? emptyTally();
    groups.set(name, group);
    return group;
  };
  const firstDay = dayOf(since);
  const days = place.days.read(firstDay);
  const part = partOfDay(place, since, days);
  for (const row of part ?? []) addCall(groupOf(keyOf(row)), row);
  for (const row of days) {
    if (!part || row.day !== firstDay) addTally(groupOf(row), row);
  }
  const figures = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(figuresOf);
  return figures.map(({ failed, ...row }) => {
    const others = figures.filter((one) => one.key !== row.key);
    return { ...row, anomalies: anomaliesOf({ ...row, failed }, others) };
  });
}

/** Calls of the first day from `since` on; undefined: the whole day is what is known. */
function partOfDay({ database, oldest }: UsagePlace, since: number, days: (UsageKey & Tally)[]) {
  const start = since - (since % dayMs);
  if (start === since) return undefined;
  const kept = database
    .select()
    .from(calls)
    .where(and(gte(calls.at, Math.max(start, oldest)), lt(calls.at, start + dayMs)))
    .all();
  const firstDay = dayOf(since);
  const ofDay = days.filter(({ day }) => day === firstDay);
  const counted = ofDay.reduce((sum, row) => sum + row.calls, 0);
  return kept.length === counted ? kept.filter(({ at }) => at >= since) : undefined;
}

function figuresOf([key, tally]: [string, Tally]) {
  return {
    key,
    calls: tally.calls,
    errors: tally.failed + tally.denied,
    failed: tally.failed,
    denied: tally.denied,
    rateLimited: tally.rateLimited,
    lastAt: tally.lastAt,
    p50Ms: percentile(tally.latencies, 0.5),
    p95Ms: percentile(tally.latencies, 0.95),
  };
}
