import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { memoryOf, openFilesOf } from "#edge/local/processes";
import { type RunningServer, startServer } from "#edge/local/server";
import { type BenchOptions, type BenchTable, middle, type Timing } from "./bench.ts";
import { closeConnections } from "./http-client.ts";
import { bytesIn } from "./paused/disk.ts";
import { deployAsking, pauseMany, resumeAll } from "./paused/runs.ts";

const targets = { resumeMs: 50, bytesInMemory: 10_000 };
const defaultRuns = 10_000;
/** The first ones let the process grow. What a run held for good would show in every batch. */
const batches = 10;
/** Whose growth counts: the last ones. */
const settledBatches = 5;
/** How many of them are resumed at most, one after the other. */
const sampleSize = 300;
/** Runs before the first measurement: what every process needs once is not theirs. */
const before = 200;
/** Milliseconds after which the platform has evicted an object that nobody asks for (10 s). */
const evictionMs = 15_000;

/** What the platform's process held at one moment. */
interface Held {
  readonly bytes: number;
  /** Undefined: not known on this system. */
  readonly openFiles: number | undefined;
}

interface Batch {
  readonly paused: Held;
  readonly evicted: Held;
  readonly timing: Timing;
}

interface Paused {
  readonly runs: number;
  readonly start: Held;
  readonly batches: readonly Batch[];
  /** After the kill, before anything was resumed. */
  readonly restarted: Held;
  readonly bytesOnDisk: number;
  readonly resuming: Timing;
  readonly sample: number;
  readonly ended: number;
}

/**
 * So many runs wait for a person at once, started in batches; the platform's process is killed and
 * started again, and some of them are answered.
 */
export async function benchPaused({ runs = defaultRuns }: BenchOptions): Promise<BenchTable> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), "aerostack-bench-"));
  const options = { dataFolder };
  let server = await startServer(options);
  try {
    const token = await deployAsking(server);
    await pauseMany(server, token, before);
    await delay(evictionMs);
    const start = heldBy(server);
    const diskBefore = await bytesIn(dataFolder);
    const ids: string[] = [];
    const done: Batch[] = [];
    for (let batch = 0; batch < batches; batch++) {
      const started = await pauseMany(server, token, Math.ceil(runs / batches));
      ids.push(...started.ids);
      const paused = heldBy(server);
      await delay(evictionMs);
      done.push({ paused, evicted: heldBy(server), timing: started.timing });
    }
    const bytesOnDisk = ((await bytesIn(dataFolder)) - diskBefore) / ids.length;
    process.kill(server.platformPid, "SIGKILL");
    closeConnections();
    await server.stop();
    server = await startServer(options);
    const restarted = heldBy(server);
    const sample = sampleOf(ids);
    const { ended, timing: resuming } = await resumeAll(server, sample);
    const resumed = { sample: sample.length, ended, resuming };
    return tableOf({ runs: ids.length, start, batches: done, restarted, bytesOnDisk, ...resumed });
  } finally {
    closeConnections();
    await server.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

function heldBy({ platformPid }: RunningServer): Held {
  return { bytes: memoryOf(platformPid), openFiles: openFilesOf(platformPid) };
}

/** Evenly over all, the oldest and the newest among them. */
function sampleOf(ids: readonly string[]): string[] {
  const count = Math.min(sampleSize, ids.length);
  return Array.from({ length: count }, (_, at) => ids[Math.floor((at * ids.length) / count)]!);
}

function tableOf(found: Paused): BenchTable {
  const { runs, resuming, sample, ended } = found;
  const each = growthOf(found);
  return {
    title: `${runs} runs that wait for a person at once`,
    rows: [
      {
        what: "start to wait, 16 at once",
        ...middle(found.batches.map(({ timing }) => timing)),
      },
      { what: "after kill -9 and restart: answer to end", ...resuming },
    ],
    counts: countsOf(found),
    targets: [
      {
        target: `a paused run holds no memory: less than ${targets.bytesInMemory} bytes each, once the process has grown`,
        reached: `${each.toFixed(0)} bytes`,
        met: each < targets.bytesInMemory,
      },
      ...fileTargets(found),
      {
        target: `from the answer to the end in under ${targets.resumeMs} ms p50`,
        reached: `${resuming.p50.toFixed(2)} ms`,
        met: resuming.p50 < targets.resumeMs,
      },
      {
        target: "all that were answered end",
        reached: `${ended} of ${sample}`,
        met: ended === sample,
      },
    ],
  };
}

/** None where open files cannot be counted. */
function fileTargets({ runs, start, batches: done }: Paused): BenchTable["targets"] {
  const { openFiles } = done.at(-1)!.evicted;
  if (openFiles === undefined || start.openFiles === undefined) return [];
  const left = openFiles - start.openFiles;
  return [
    {
      target: "a paused run holds no file open",
      reached: `${left} more than before`,
      met: left < runs / 100,
    },
  ];
}

/** Bytes that the process grew by for each run of the last batches. */
function growthOf({ runs, batches: done }: Paused): number {
  const settled = done.at(-1 - settledBatches)!.evicted.bytes;
  return (done.at(-1)!.evicted.bytes - settled) / ((runs / batches) * settledBatches);
}

function countsOf({ start, batches: done, restarted, bytesOnDisk }: Paused) {
  const later = `${evictionMs / 1000} s later`;
  return [
    ["MB of the process before", megabytes(start)],
    ["open files before", filesOf(start)],
    ...done.flatMap(({ paused, evicted }, at) => [
      [`MB when batch ${at + 1} of ${done.length} had paused`, megabytes(paused)] as const,
      [`MB ${later}`, megabytes(evicted)] as const,
      [`open files when it had paused`, filesOf(paused)] as const,
      [`open files ${later}`, filesOf(evicted)] as const,
    ]),
    ["MB after kill -9 and restart", megabytes(restarted)],
    ["bytes on disk a run", Math.round(bytesOnDisk)],
  ] as const;
}

function megabytes({ bytes }: Held): number {
  return Math.round(bytes / 1_000_000);
}

function filesOf({ openFiles }: Held): number | "-" {
  return openFiles ?? "-";
}
