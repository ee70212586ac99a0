import type { Call } from "./call.ts";

/** What became of one call, as its caller saw it. */
export interface Entry extends Call {
  /** How each answer to it says that it ended; empty: none came. */
  readonly answers: readonly string[];
  /** `performance.now()`. */
  readonly endedAt: number;
  /** Whether its row was due on disk before the kill: somebody had read the log since. */
  isSettled: boolean;
}

/** A row of `call_log`. */
export interface Row {
  readonly nonce: string;
  readonly slug: string;
  readonly mcp: string;
  /** As answers put it: `ok`, or the code. */
  readonly ended: string;
}

export interface Findings {
  readonly calls: number;
  readonly answers: number;
  readonly rows: number;
  /** Calls without an answer: under way when the server was killed. */
  readonly unanswered: number;
  /** Of answered calls. */
  readonly rowsLost: number;
  /** Of these, of calls whose rows somebody had read already. */
  readonly settledRowsLost: number;
  /** Milliseconds before the kill at which the first call ended whose row is lost; 0: none is. */
  readonly oldestLostMs: number;
  readonly duplicateAnswers: number;
  readonly duplicateRows: number;
  /** Rows of no call, or in the log of another workspace or server. */
  readonly strayRows: number;
  /** Calls that ended otherwise than their upstream explains. */
  readonly unexplained: readonly string[];
  /** Calls whose row says something else than their answer. */
  readonly contradicted: number;
  /** What `usage` counts, over all workspaces. */
  readonly counted: number;
  readonly outcomes: ReadonlyMap<string, number>;
}

export function compare(
  entries: readonly Entry[],
  rows: readonly Row[],
  { killedAt, counted }: { killedAt: number; counted: number },
): Findings {
  const byNonce = Map.groupBy(rows, ({ nonce }) => nonce);
  const known = new Map(entries.map((entry) => [entry.nonce, entry]));
  const answered = entries.filter(({ answers }) => answers.length > 0);
  const lost = answered.filter(({ nonce }) => !byNonce.has(nonce));
  const outcomes = new Map<string, number>();
  for (const ended of answered.map(({ answers }) => answers[0] ?? "")) {
    outcomes.set(ended, (outcomes.get(ended) ?? 0) + 1);
  }
  return {
    calls: entries.length,
    answers: entries.reduce((sum, { answers }) => sum + answers.length, 0),
    rows: rows.length,
    unanswered: entries.length - answered.length,
    rowsLost: lost.length,
    settledRowsLost: lost.filter(({ isSettled }) => isSettled).length,
    oldestLostMs: Math.max(0, ...lost.map(({ endedAt }) => killedAt - endedAt)),
    duplicateAnswers: entries.filter(({ answers }) => answers.length > 1).length,
    duplicateRows: rows.length - byNonce.size,
    strayRows: rows.filter((row) => !belongs(row, known.get(row.nonce))).length,
    unexplained: answered.flatMap(({ nonce, mcp, place, expected, answers }) =>
      answers.every((ended) => expected.includes(ended))
        ? []
        : [`${nonce} at ${place.slug} ${mcp}: ${answers.join(", ")}`],
    ),
    contradicted: rows.filter(({ nonce, ended }) => {
      const answers = known.get(nonce)?.answers ?? [];
      return answers.length > 0 && answers[0] !== ended;
    }).length,
    counted,
    outcomes,
  };
}

function belongs(row: Row, entry: Entry | undefined): boolean {
  return entry?.mcp === row.mcp && entry.place.slug === row.slug;
}
