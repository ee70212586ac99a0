import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { BugError } from "#blueprints/error";
import { memoryOf } from "#edge/local/processes";
import { type RunningServer, startServer } from "#edge/local/server";
import { connect } from "../harness/client.ts";
import { claim } from "../harness/person.ts";
import { type BenchOptions, type BenchTable, time, type Timing } from "./bench.ts";
import { closeConnections, send } from "./http-client.ts";

const targets = { resumeMs: 50, bytesInMemory: 10_000 };
const defaultRuns = 10_000;
/** How many of them are resumed at most, one after the other. */
const sampleSize = 300;
/** Runs before the first measurement: what every process needs once is not theirs. */
const before = 200;
/** Milliseconds after which the platform has evicted an object that nobody asks for (10 s). */
const evictionMs = 15_000;

interface Paused {
  readonly runs: number;
  /** Of the platform's process, by what had happened; `restarted`: before anything was resumed. */
  readonly bytes: Record<"before" | "paused" | "evicted" | "restarted", number>;
  readonly bytesOnDisk: number;
  readonly pausing: Timing;
  readonly resuming: Timing;
  readonly sample: number;
  readonly ended: number;
}

/**
 * So many runs wait for a person at once; the platform's process is killed and started again, and some
 * of them are answered.
 */
export async function benchPaused({ runs = defaultRuns }: BenchOptions): Promise<BenchTable> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), "aerostack-bench-"));
  const options = { dataFolder };
  let server = await startServer(options);
  try {
    const token = await deploy(server);
    await pauseMany(server, token, before);
    await delay(evictionMs);
    const bytes = { before: memoryOf(server.platformPid), paused: 0, evicted: 0, restarted: 0 };
    const diskBefore = await bytesIn(dataFolder);
    const { ids, timing: pausing } = await pauseMany(server, token, runs);
    bytes.paused = memoryOf(server.platformPid);
    await delay(evictionMs);
    bytes.evicted = memoryOf(server.platformPid);
    const bytesOnDisk = ((await bytesIn(dataFolder)) - diskBefore) / runs;
    process.kill(server.platformPid, "SIGKILL");
    closeConnections();
    await server.stop();
    server = await startServer(options);
    bytes.restarted = memoryOf(server.platformPid);
    const sample = sampleOf(ids);
    const { ended, timing: resuming } = await resumeAll(server, sample);
    const resumed = { sample: sample.length, ended, resuming };
    return tableOf({ runs, bytes, bytesOnDisk, pausing, ...resumed });
  } finally {
    closeConnections();
    await server.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

const setN = { type: "action", config: { set: { name: "n", value: "{{ input.n }}" } } };

/** A step, a question to a person, a step; answers the token of who starts runs. */
async function deploy({ url, accountKey }: RunningServer): Promise<string> {
  const workflow = {
    name: "asks",
    nodes: [
      { id: "start", type: "trigger", config: { source: "endpoint" } },
      { id: "one", ...setN },
      { id: "review", type: "human_review", config: { title: "Go on with {{ input.n }}?" } },
      { id: "two", ...setN },
    ],
    edges: [
      { from: "start", to: "one" },
      { from: "one", to: "review" },
      { from: "review", port: "approved", to: "two" },
    ],
    output: { n: "{{ vars.n }}" },
  };
  const blueprint = {
    name: "paused",
    workflows: [workflow],
    endpoints: [{ name: "asks", workflow: "asks" }],
  };
  const agent = await connect(`${url}/mcp`, accountKey, "2.x");
  try {
    const created = await agent.must("create", { blueprint, workspace: "paused" });
    const resources = (created["resources"] as { id: string }[]).map(({ id }) => id);
    await agent.must("deploy", { resources });
    // Claimed, so that it is not the account's own: the account is to decide about its runs.
    const member = { member: "starter", role: "developer" };
    const issued = await agent.must("issue_token", { workspace: "paused", ...member });
    return await claim(String(issued["claim_url"]));
  } finally {
    await agent.close();
  }
}

interface Answer {
  readonly run_id: string;
  readonly status: string;
}

/** Starts runs, 16 at once, each until it waits. */
async function pauseMany({ url }: RunningServer, token: string, count: number) {
  const ids: string[] = [];
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const begin = async () => {
    const body = JSON.stringify({ n: ids.length });
    const text = await send(`${url}/e/paused/asks`, headers, body);
    const { run_id: id, status } = JSON.parse(text) as Answer;
    if (status !== "waiting") throw new BugError("bench.wrong-answer", text.slice(0, 300));
    ids.push(id);
  };
  return { ids, timing: await time(begin, { count, concurrency: 16, warmup: 0 }) };
}

/** Evenly over all, the oldest and the newest among them. */
function sampleOf(ids: readonly string[]): string[] {
  const count = Math.min(sampleSize, ids.length);
  return Array.from({ length: count }, (_, at) => ids[Math.floor((at * ids.length) / count)]!);
}

/** Approves them one after the other; from the answer of the person to the end of the run. */
async function resumeAll({ url, accountKey }: RunningServer, ids: readonly string[]) {
  let [next, ended] = [0, 0];
  const approve = async () => {
    const at = next++;
    const headers = {
      Authorization: `Bearer ${accountKey}`,
      "Content-Type": "application/json",
    };
    const body = JSON.stringify({ step: "review", payload: { decision: "approved" } });
    const text = await send(`${url}/runs/${ids[at]}/answers`, headers, body);
    if ((JSON.parse(text) as Answer).status === "succeeded") ended += 1;
  };
  const timing = await time(approve, { count: ids.length, warmup: 0 });
  return { ended, timing };
}

/** What the files in a folder take of the disk. */
async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  let bytes = 0;
  for (const entry of entries.filter((one) => one.isFile())) {
    const { blocks } = await stat(path.join(entry.parentPath, entry.name));
    bytes += blocks * 512;
  }
  return bytes;
}

function tableOf({ runs, bytes, bytesOnDisk, pausing, resuming, sample, ended }: Paused) {
  const each = (bytes.evicted - bytes.before) / runs;
  return {
    title: `${runs} runs that wait for a person at once`,
    rows: [
      { what: "start to wait, 16 at once", ...pausing },
      { what: "after kill -9 and restart: answer to end", ...resuming },
    ],
    counts: [
      ["MB of the process before", megabytes(bytes.before)],
      ["MB when all had paused", megabytes(bytes.paused)],
      [`MB ${evictionMs / 1000} s later`, megabytes(bytes.evicted)],
      ["MB after kill -9 and restart", megabytes(bytes.restarted)],
      ["bytes on disk a run", Math.round(bytesOnDisk)],
    ] as const,
    targets: [
      {
        target: `a paused run holds no memory: less than ${targets.bytesInMemory} bytes each`,
        reached: `${each.toFixed(0)} bytes`,
        met: each < targets.bytesInMemory,
      },
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

function megabytes(bytes: number): number {
  return Math.round(bytes / 1_000_000);
}
