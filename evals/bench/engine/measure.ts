import { processorTimeOf } from "#edge/local/processes";
import { time, type Timing } from "../bench.ts";
import { type Contender, type TimedKind, timedKinds } from "./contender.ts";
import type { FsyncsByKind } from "./fsyncs.ts";
import { memoryOfAll } from "./memory.ts";
import type { Ours } from "./ours.ts";
import type { Recovery } from "./recover.ts";

const rounds = 5;

/** One contender's rounds of one kind of run. */
export interface Rounds {
  readonly alone: Timing[];
  readonly busy: Timing[];
  /** Processor time of a run of the busy rounds, all processes together. */
  readonly processorMs: number[];
}

export interface Measured extends Readonly<Record<TimedKind, Rounds>> {
  readonly contender: Contender;
  /** After all runs, before any kill. */
  megabytes: number;
  fsyncs: FsyncsByKind;
  readonly recoveries: Recovery[];
}

export function unmeasured(contender: Contender): Measured {
  const fsyncs = { ten: undefined, effects: undefined };
  const timed = { ten: noRounds(), fan: noRounds() };
  return { contender, ...timed, megabytes: Number.NaN, fsyncs, recoveries: [] };
}

function noRounds(): Rounds {
  return { alone: [], busy: [], processorMs: [] };
}

export interface Others {
  readonly health: readonly Timing[];
  readonly owner: readonly Timing[];
}

/** All in turns; `count`: runs of a round, 16 at once; a third as many are made one after the other. */
export async function measureAll(
  all: readonly Measured[],
  ours: Ours,
  count: number,
): Promise<Others> {
  const [health, owner]: [Timing[], Timing[]] = [[], []];
  const alone = Math.ceil(count / 3);
  // Once unmeasured: every side compiles what it runs often.
  for (const { contender } of all) {
    for (const kind of timedKinds) await time(() => contender.run(kind), { count, concurrency: 4 });
  }
  for (let round = 0; round < rounds; round++) {
    for (const kind of timedKinds) for (const one of all) await measureOnce(one, kind, count);
    health.push(await time(() => ours.health(), { count: alone }));
    owner.push(await time(() => ours.runAsOwner(), { count: alone }));
  }
  for (const one of all) one.megabytes = memoryOfAll(one.contender.pids()) / 1_000_000;
  return { health, owner };
}

async function measureOnce({ contender, ...by }: Measured, kind: TimedKind, count: number) {
  const run = () => contender.run(kind);
  by[kind].alone.push(await time(run, { count: Math.ceil(count / 3) }));
  const spent = () => sum(contender.pids().map((pid) => processorTimeOf(pid) ?? Number.NaN));
  const before = spent();
  by[kind].busy.push(await time(run, { count, concurrency: 16, warmup: 0 }));
  by[kind].processorMs.push((spent() - before) / count);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
