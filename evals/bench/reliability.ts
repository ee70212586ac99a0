import type { BenchOptions, BenchTable } from "./bench.ts";
import type { Findings } from "./reliability/ledger.ts";
import { type Extent, runReliably } from "./reliability/run.ts";

const extent = { workspaces: 50, upstreams: 10, concurrency: 32 };
const defaultCalls = 50_000;
/** As the gateway's README promises, and what a busy machine adds to a timer. */
const promisedMs = { lost: 100, late: 100 };

/**
 * Whether every call has exactly one answer and exactly one row in the log, while a tenth of the
 * upstreams misbehave and the server is killed once.
 */
export async function benchReliability({
  calls = defaultCalls,
}: BenchOptions): Promise<BenchTable> {
  const whole: Extent = { ...extent, calls };
  return tableOf(whole, await runReliably(whole));
}

function tableOf({ workspaces, upstreams, concurrency }: Extent, found: Findings): BenchTable {
  const { unanswered, oldestLostMs, unexplained } = found;
  const wrong = found.duplicateAnswers + found.duplicateRows + found.strayRows;
  return {
    title: `Reliability, ${workspaces} workspaces x ${upstreams} upstreams, a tenth of them bad, one kill -9`,
    rows: [],
    counts: [
      ["calls", found.calls],
      ["answers", found.answers],
      ["rows in the log", found.rows],
      ["without an answer, under way at the kill", unanswered],
      ["rows lost at the kill", found.rowsLost],
      ["duplicates, answers", found.duplicateAnswers],
      ["duplicates, rows", found.duplicateRows],
      ["rows that belong to no call", found.strayRows],
      ["calls that usage counts", found.counted],
      ...[...found.outcomes]
        .toSorted(([, a], [, b]) => b - a)
        .map(([outcome, count]) => [`ended: ${outcome}`, count] as const),
    ],
    targets: [
      {
        target: "every call has one answer, but for those under way at the kill",
        reached: `${unanswered} of at most ${concurrency} without`,
        met: unanswered <= concurrency && found.duplicateAnswers === 0,
      },
      {
        target: "every answer has one row, but for those of the last 100 ms before the kill",
        reached: `${found.rowsLost} lost, the oldest ${oldestLostMs.toFixed(0)} ms before; ${wrong} too many`,
        met:
          wrong === 0 &&
          found.settledRowsLost === 0 &&
          oldestLostMs <= promisedMs.lost + promisedMs.late,
      },
      {
        target: "rows and usage say what the answers said",
        reached: `${found.contradicted} rows do not, usage counts ${found.counted} of ${found.rows}`,
        met: found.contradicted === 0 && found.counted === found.rows,
      },
      {
        target: "a bad upstream shows in its own calls only, and with a code that says why",
        reached: `${unexplained.length} otherwise${unexplained[0] ? `: ${unexplained[0]}` : ""}`,
        met: unexplained.length === 0,
      },
    ],
  };
}
