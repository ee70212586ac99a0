/** Why a member, tool, server or day deserves a look. */
export type Anomaly = "rate-limited" | "denied" | "failing" | "slow";

interface Figures {
  readonly calls: number;
  readonly denied: number;
  readonly rateLimited: number;
  /** Calls that failed or whose tool reported an error; none of the denied. */
  readonly failed: number;
  /** Milliseconds. */
  readonly p95Ms: number;
}

/** From so many calls on a share says something. */
const enough = 5;
const share = 0.2;
const slowMs = 500;
const timesSlower = 3;

/** `others`: the same figures of everybody else in the workspace, for what slow means here. */
export function anomaliesOf(figures: Figures, others: readonly Figures[]): Anomaly[] {
  const { calls, denied, rateLimited, failed, p95Ms } = figures;
  const usual = median(others.filter((one) => one.calls >= enough).map((one) => one.p95Ms));
  const isOften = (count: number) => calls >= enough && count / calls >= share;
  const found: [Anomaly, boolean][] = [
    ["rate-limited", rateLimited > 0],
    ["denied", isOften(denied - rateLimited)],
    ["failing", isOften(failed)],
    ["slow", calls >= enough && p95Ms >= slowMs && p95Ms >= timesSlower * usual],
  ];
  return found.filter(([, is]) => is).map(([anomaly]) => anomaly);
}

/** Nobody to compare with: 0. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
