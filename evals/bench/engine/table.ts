import { type BenchRow, type BenchTable, middle, middleOf } from "../bench.ts";

import { stepsOf, type TimedKind } from "./contender.ts";
import { countedKinds } from "./fsyncs.ts";
import type { Measured, Others, Rounds } from "./measure.ts";
import type { Recovery } from "./recover.ts";

const targets = {
  timesFloor: 1.1,
  milliseconds: 5,
  fsyncs: { ten: 2, effects: 12 },
  recoveryMs: 1_000,
};
const titles: Readonly<Record<TimedKind, string>> = {
  ten: `${stepsOf.ten} pure steps`,
  fan: `${stepsOf.fan} at once, joined`,
};

/** `all`: the product first, then the floor, then the peers. */
export function toTable(all: readonly Measured[], others: Others): BenchTable {
  const [ours, floor] = all as readonly [Measured, Measured];
  return {
    title: "durable runs, answered over HTTP: medians of rounds in turns",
    rows: [
      ...rowsOf("ten", all, floor),
      ...rowsOf("fan", all, floor),
      ...all.flatMap(recoveryRows),
      { what: "aerostack, account key: 10 pure steps", ...middle(others.owner) },
      { what: "GET /healthz of the platform", ...middle(others.health) },
    ],
    counts: [
      ...all.flatMap(fsyncCounts),
      ...all.flatMap(({ contender, recoveries }) => repeatsOf(contender.what, recoveries)),
    ],
    targets: [...speedTargets(ours, floor), ...fsyncTargets(ours), ...recoveryTargets(ours)],
  };
}

function rowsOf(kind: TimedKind, all: readonly Measured[], floor: Measured): BenchRow[] {
  const base = middle(floor[kind].alone).p50;
  return [
    ...all.map(({ contender, [kind]: { alone } }) => {
      const timing = middle(alone);
      return { what: `${contender.what}: ${titles[kind]}`, ...timing, ratio: timing.p50 / base };
    }),
    ...all.map(({ contender, megabytes, [kind]: { busy, processorMs } }) => ({
      what: `${contender.what}: ${titles[kind]}, 16 runs at once`,
      ...middle(busy),
      processorMs: middleOf(processorMs),
      megabytes,
    })),
  ];
}

function recoveryRows({ contender, recoveries }: Measured): BenchRow[] {
  const rowOf = (what: string, times: readonly number[]) => ({
    what: `${contender.what}: kill -9 ${what}`,
    p50: middleOf(times),
    p95: Math.max(...times),
  });
  return [
    rowOf(
      "until it answers",
      recoveries.map(({ backMs }) => backMs),
    ),
    rowOf(
      "to the next effect",
      recoveries.map(({ firstEffectMs }) => firstEffectMs),
    ),
  ];
}

const shapes = {
  ten: `${stepsOf.ten} pure steps`,
  effects: `${stepsOf.effects} steps with an effect`,
} as const;

function fsyncCounts({ contender, fsyncs }: Measured) {
  return countedKinds.flatMap((kind) => {
    const what = `${contender.what}: fsyncs of ${shapes[kind]}`;
    return [
      [`${what}, before the answer`, rounded(fsyncs[kind]?.beforeAnswer)],
      [`${what}, to make files`, rounded(fsyncs[kind]?.creation)],
      [`${what}, in all`, rounded(fsyncs[kind]?.inAll)],
    ] as const;
  });
}

function rounded(count: number | undefined): number | "-" {
  return count === undefined ? "-" : Math.round(count * 10) / 10;
}

function repeatsOf(what: string, recoveries: readonly Recovery[]) {
  const total = (count: (one: Recovery) => number) =>
    recoveries.reduce((sum, one) => sum + count(one), 0);
  return [
    [`${what}: runs that ended, of ${recoveries.length} killed`, total(({ isWhole }) => +isWhole)],
    [`${what}: effects of finished steps repeated`, total((one) => one.repeatedFinished)],
    [`${what}: effects of the killed step repeated`, total((one) => one.repeatedInterrupted)],
  ] as const;
}

function speedTargets(ours: Measured, floor: Measured): BenchTable["targets"] {
  const [ten, tenFloor] = [middle(ours.ten.alone).p50, middle(floor.ten.alone).p50];
  const [fan, fanFloor] = [middle(ours.fan.alone).p50, middle(floor.fan.alone).p50];
  const [rate, rateFloor] = [throughputOf(ours.ten), throughputOf(floor.ten)];
  return [
    {
      target: `${titles.ten}: p50 at most ${targets.timesFloor}x the bare object's`,
      reached: `${(ten / tenFloor).toFixed(2)}x`,
      met: ten <= tenFloor * targets.timesFloor,
    },
    {
      target: `${titles.ten}: p50 under ${targets.milliseconds} ms on an idle machine`,
      reached: `${ten.toFixed(2)} ms`,
      met: ten < targets.milliseconds,
    },
    {
      target: `${titles.ten}, 16 runs at once: as many a second as the bare object`,
      reached: `${rate.toFixed(0)} and ${rateFloor.toFixed(0)}`,
      met: rate >= rateFloor,
    },
    {
      target: `${titles.fan}: p50 at most the bare object's`,
      reached: `${fan.toFixed(2)} and ${fanFloor.toFixed(2)} ms`,
      met: fan <= fanFloor,
    },
  ];
}

function throughputOf({ busy }: Rounds): number {
  return middleOf(busy.map(({ perSecond }) => perSecond));
}

function fsyncTargets({ fsyncs }: Measured): BenchTable["targets"] {
  return countedKinds.flatMap((kind) => {
    const counted = fsyncs[kind];
    if (!counted) return [];
    const beforeAnswer = counted.beforeAnswer + counted.creation;
    return {
      target: `${shapes[kind]}: at most ${targets.fsyncs[kind]} fsyncs before the answer, on average`,
      reached: `${rounded(beforeAnswer)}, ${rounded(counted.inAll)} in all`,
      met: Math.round(beforeAnswer) <= targets.fsyncs[kind],
    };
  });
}

function recoveryTargets({ recoveries }: Measured): BenchTable["targets"] {
  const first = middleOf(recoveries.map(({ firstEffectMs }) => firstEffectMs));
  const isSafe = recoveries.every((one) => one.isWhole && one.repeatedFinished === 0);
  return [
    {
      target: `kill -9 to the next effect within ${targets.recoveryMs} ms`,
      reached: `${first.toFixed(0)} ms`,
      met: first <= targets.recoveryMs,
    },
    {
      target: "every killed run ends, and no finished step acts again",
      reached: isSafe ? "so it is" : "not so",
      met: isSafe,
    },
  ];
}
