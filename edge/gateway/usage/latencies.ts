/**
 * How many calls took how long: counts by bucket, each a tenth longer than the one before, so that
 * a percentile is known within 5 %, and days can be added up. Migration 0007 has the same buckets.
 */
export type Latencies = Record<string, number>;

const shortestMs = 0.1;
const growth = 1.1;

export function addLatency(latencies: Latencies, ms: number): void {
  const bucket = Math.round(Math.log(Math.max(ms, shortestMs) / shortestMs) / Math.log(growth));
  latencies[bucket] = (latencies[bucket] ?? 0) + 1;
}

export function addLatencies(latencies: Latencies, more: Latencies): void {
  for (const [bucket, count] of Object.entries(more)) {
    latencies[bucket] = (latencies[bucket] ?? 0) + count;
  }
}

/** Milliseconds; 0 where nothing was measured. */
export function percentile(latencies: Latencies, part: number): number {
  // Keys that are whole numbers come in ascending order.
  const buckets = Object.entries(latencies);
  let left = Math.floor(buckets.reduce((sum, [, count]) => sum + count, 0) * part);
  const found = buckets.find(([, count]) => (left -= count) < 0) ?? buckets.at(-1);
  return found ? Number((shortestMs * growth ** Number(found[0])).toPrecision(3)) : 0;
}
