import type { CallLogRow } from "#edge/gateway/records";
import { addLatencies, addLatency, type Latencies } from "./latencies.ts";

/** Calls added up. */
export interface Tally {
  calls: number;
  /** Calls that failed or whose tool reported an error; none of the denied. */
  failed: number;
  denied: number;
  /** Of the denied. */
  rateLimited: number;
  /** Milliseconds since 1970. */
  lastAt: number;
  readonly latencies: Latencies;
}

/** What a token that called too often is refused with. */
const limitCodes = new Set(["token.rate-limited", "token.quota"]);

export function emptyTally(): Tally {
  return { calls: 0, failed: 0, denied: 0, rateLimited: 0, lastAt: 0, latencies: {} };
}

export type CountedCall = Pick<CallLogRow, "at" | "outcome" | "latencyMs"> & {
  readonly errorCode?: string | null;
};

export function addCall(tally: Tally, { at, outcome, errorCode, latencyMs }: CountedCall): void {
  tally.calls++;
  tally.lastAt = Math.max(tally.lastAt, at);
  if (outcome === "denied") {
    tally.denied++;
    if (limitCodes.has(errorCode ?? "")) tally.rateLimited++;
    return;
  }
  if (outcome !== "ok") tally.failed++;
  // A refusal takes no time and would make the slow look fast.
  addLatency(tally.latencies, latencyMs);
}

export function addTally(tally: Tally, more: Tally): void {
  tally.calls += more.calls;
  tally.failed += more.failed;
  tally.denied += more.denied;
  tally.rateLimited += more.rateLimited;
  tally.lastAt = Math.max(tally.lastAt, more.lastAt);
  addLatencies(tally.latencies, more.latencies);
}
