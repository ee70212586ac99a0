/** One line of a bench table; all rows of a table come from one run on one machine. */
export interface BenchRow {
  readonly what: string;
  /** Milliseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly perSecond?: number;
  /** Processor time of the platform's process for one, which other load on the machine shifts least. */
  readonly processorMs?: number;
  /** In memory, of all processes that do this. */
  readonly megabytes?: number;
  /** Against the table's first row, where that says something. */
  readonly ratio?: number;
}

export interface BenchTable {
  readonly title: string;
  readonly rows: readonly BenchRow[];
  /** What was counted rather than timed; `-`: it could not be counted here. */
  readonly counts?: readonly (readonly [what: string, count: number | "-"])[];
  /** What was held to, with the figure reached. */
  readonly targets: readonly {
    readonly target: string;
    readonly reached: string;
    readonly met: boolean;
  }[];
}

export interface BenchOptions {
  /** Over how many calls memory is watched; how many a reliability run makes. */
  readonly calls?: number;
  /** Runs of a round of the engine; how many wait at once. */
  readonly runs?: number;
  /** Measures other programs too, which npm installs for it. */
  readonly peers?: boolean;
  /** And n8n, whose install takes 3 GB and minutes. */
  readonly n8n?: boolean;
}

/** A bench: a file in this folder; starts what it needs and stops it. */
export type Bench = (options: BenchOptions) => Promise<BenchTable>;

export interface Timing {
  readonly p50: number;
  readonly p95: number;
  readonly perSecond: number;
}

/** Runs `work` `count` times after a warm-up, `concurrency` at once; milliseconds. */
export async function time(
  work: () => Promise<unknown>,
  {
    count,
    warmup = Math.ceil(count / 5),
    concurrency = 1,
  }: { count: number; warmup?: number; concurrency?: number },
): Promise<Timing> {
  for (let index = 0; index < warmup; index++) await work();
  const durations: number[] = [];
  let left = count;
  const started = performance.now();
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const before = performance.now();
      await work();
      durations.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const elapsed = performance.now() - started;
  durations.sort((a, b) => a - b);
  return { p50: at(durations, 0.5), p95: at(durations, 0.95), perSecond: (count / elapsed) * 1000 };
}

/** The middle of several rounds, by p50: one noisy round does not decide. */
export function middle(rounds: readonly Timing[]): Timing {
  const sorted = [...rounds].sort((a, b) => a.p50 - b.p50);
  return (
    sorted[Math.floor(sorted.length / 2)] ?? { p50: Number.NaN, p95: Number.NaN, perSecond: 0 }
  );
}

export function middleOf(numbers: readonly number[]): number {
  return at(
    numbers.toSorted((a, b) => a - b),
    0.5,
  );
}

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
