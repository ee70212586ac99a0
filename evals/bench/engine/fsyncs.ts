import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Contender, Kind } from "./contender.ts";

export const countedKinds = ["ten", "effects"] as const satisfies readonly Kind[];

/** How often a run had the disk make its data durable (fsync and fdatasync), on average. */
export interface Fsyncs {
  /** Asked for before the client had its answer, but for `creation`. */
  readonly beforeAnswer: number;
  /** Asked for before the answer too, to make SQLite files: for an engine that has one a run, each time. */
  readonly creation: number;
  /** All of these, and what comes afterwards, until the platform has let go of the run. */
  readonly inAll: number;
}

/** Undefined where nothing can be counted: no strace, or it may not look into other processes. */
export type FsyncsByKind = Readonly<Record<(typeof countedKinds)[number], Fsyncs | undefined>>;

/** One call, in the order they came. */
export interface Call {
  /** Seconds since 1970. */
  readonly at: number;
  /** What was made durable: a file or a folder. */
  readonly path: string;
}

const runs = 30;
/** Milliseconds between runs, so that what follows an answer is not taken for the next run's. */
const pauseMs = 150;
/** Milliseconds after the last run: an object that nobody asks for is evicted, its file closed (10 s). */
const settleMs = 15_000;

/** All are watched at once, so that they settle together; runs are made one after the other. */
export async function countFsyncs(
  contenders: readonly Contender[],
  folder: string,
): Promise<FsyncsByKind[]> {
  // What was left open by earlier runs is not these runs' to close.
  await delay(settleMs);
  const ten = await countKind("ten", contenders, folder);
  const effects = await countKind("effects", contenders, folder);
  return contenders.map((_, at) => ({ ten: ten[at], effects: effects[at] }));
}

async function countKind(kind: Kind, contenders: readonly Contender[], folder: string) {
  await mkdir(folder, { recursive: true });
  const fileOf = (at: number) => path.join(folder, `${kind}-${at}`);
  const traces = await Promise.all(
    contenders.map((contender, at) => attach(contender.pids(), fileOf(at))),
  );
  try {
    const spans: Span[][] = [];
    for (const [at, contender] of contenders.entries()) {
      spans.push(traces[at] ? await runSlowly(contender, kind) : []);
    }
    if (traces.some((trace) => trace)) await delay(settleMs);
    await Promise.all(traces.map(detach));
    return await Promise.all(
      traces.map(async (trace, at) =>
        trace ? summarize(callsIn(await readFile(fileOf(at), "utf8")), spans[at]!) : undefined,
      ),
    );
  } finally {
    await Promise.all(traces.map(detach));
  }
}

/** Seconds since 1970. */
type Span = readonly [started: number, answered: number];

async function runSlowly(contender: Contender, kind: Kind): Promise<Span[]> {
  const spans: Span[] = [];
  for (let run = 0; run < runs; run++) {
    const started = now();
    await contender.run(kind);
    spans.push([started, now()]);
    await delay(pauseMs);
  }
  return spans;
}

function now(): number {
  return (performance.timeOrigin + performance.now()) / 1000;
}

/** Of lines such as `4711 1796000000.123456 fdatasync(12</a/file>) = 0`; a call may take two lines. */
export function callsIn(trace: string): Call[] {
  const lines = trace.matchAll(/^\d+ +([\d.]+) f(?:data)?sync\(\d+<(.*?)>/gm);
  return [...lines].map(([, at, file = ""]) => ({ at: Number(at), path: file }));
}

function summarize(calls: readonly Call[], spans: readonly Span[]): Fsyncs {
  const [first] = spans[0]!;
  const isEarly = ({ at }: Call) => spans.some(([from, to]) => from <= at && at <= to);
  const all = calls.filter(({ at }) => at >= first);
  const early = all.filter(isEarly);
  const creation = creating(all).filter(isEarly);
  return {
    beforeAnswer: (early.length - creation.length) / runs,
    creation: creation.length / runs,
    inAll: all.length / runs,
  };
}

/**
 * The calls that make new SQLite files. Such a file begins with a rollback journal, which is made
 * durable with its folder; then the file is, and from then on it has a log, whose head and folder come
 * before its first commit.
 */
export function creating(calls: readonly Call[]): Call[] {
  const made = new Set<string>();
  const logged = new Set<string>();
  return calls.filter(({ path: where }) => {
    const [, file = "", part] = /^(.*\.sqlite)(-journal|-wal)?$/.exec(where) ?? [];
    if (file === "") return [...made].some((one) => path.dirname(one) === where);
    if (part === "-journal") made.add(file);
    if (!made.has(file) || logged.has(file)) return false;
    if (part === "-wal") logged.add(file);
    return true;
  });
}

/** Watches processes, their threads and children; undefined: it cannot. */
async function attach(pids: readonly number[], file: string): Promise<ChildProcess | undefined> {
  const options = [
    "-f",
    "-y",
    "-ttt",
    "-e",
    "trace=fsync,fdatasync",
    "-e",
    "signal=none",
    "-o",
    file,
  ];
  const processes = pids.flatMap((pid) => ["-p", String(pid)]);
  const child = spawn("strace", [...options, ...processes], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const gone = new Promise<boolean>((resolve) => {
    child.on("error", () => resolve(false));
    child.on("exit", () => resolve(false));
  });
  const attached = new Promise<boolean>((resolve) => {
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (pids.every((pid) => said.includes(`Process ${pid} attached`))) resolve(true);
    });
  });
  return (await Promise.race([attached, gone])) ? child : undefined;
}

async function detach(trace: ChildProcess | undefined): Promise<void> {
  if (!trace || trace.exitCode !== null || trace.signalCode !== null) return;
  const gone = once(trace, "exit");
  trace.kill("SIGINT");
  await gone;
}
