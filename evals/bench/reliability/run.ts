import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { BugError } from "#blueprints/error";
import { type RunningServer, startServer } from "#edge/local/server";
import { connect, type McpSession } from "#evals/harness/client";
import { waitFor } from "#evals/harness/wait";
import { answersIn, bodyOf, type Call, callAt, headersOf } from "./call.ts";
import { compare, type Entry, type Findings, type Row } from "./ledger.ts";
import { makePlaces, mannersOf, type Place } from "./places.ts";
import { Sender } from "./send.ts";

export interface Extent {
  readonly workspaces: number;
  /** Of each workspace. */
  readonly upstreams: number;
  readonly calls: number;
  readonly concurrency: number;
}

/** Rows of one answer of `call_log`, at most. */
const rowsAtOnce = 500;
const secondsUntilBack = 30;

/**
 * Calls through many workspaces, some of whose upstreams misbehave. Half way somebody reads every
 * log; in the middle of the second half the server is killed, and comes back. Then every answer is
 * held against its row.
 */
export async function runReliably(extent: Extent): Promise<Findings> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), "aerostack-reliability-"));
  const manners = mannersOf(extent.workspaces, extent.upstreams);
  const file = path.join(import.meta.dirname, "upstreams.ts");
  const worker = new Worker(file, { workerData: { manners } });
  const [ports] = (await once(worker, "message")) as [number[]];
  const server = await startServer({ dataFolder, allowHosts: "127.0.0.1:*" });
  const sender = new Sender(extent.concurrency);
  let agent: McpSession | undefined;
  try {
    agent = await connect(`${server.url}/mcp`, server.accountKey, "2.x");
    const places = await makePlaces(agent, extent.upstreams, { manners, ports });
    const half = Math.floor(extent.calls / 2);
    const traffic = { server, sender, places, concurrency: extent.concurrency };
    const before = await callAll({ ...traffic, first: 0, end: half });
    await readOnce(agent, places);
    before.forEach((entry) => (entry.isSettled = true));
    const kill = { after: Math.floor(half / 2), at: 0 };
    const after = await callAll({ ...traffic, first: half, end: extent.calls, kill });
    const { rows, counted } = await readAll(agent, places);
    return compare([...before, ...after], rows, { killedAt: kill.at, counted });
  } finally {
    sender.close();
    await agent?.close();
    await server.stop();
    await worker.terminate();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

interface Traffic {
  readonly server: RunningServer;
  readonly sender: Sender;
  readonly places: readonly Place[];
  readonly concurrency: number;
  readonly first: number;
  readonly end: number;
  /** Kills the server after so many calls ended, and notes when. */
  readonly kill?: { readonly after: number; at: number };
}

async function callAll(traffic: Traffic): Promise<Entry[]> {
  const { server, places, kill } = traffic;
  const entries: Entry[] = [];
  let next = traffic.first;
  let isBack: Promise<void> = Promise.resolve();
  const caller = async (): Promise<void> => {
    while (next < traffic.end) {
      const call = callAt(next++, places);
      const answers = await callOnce(traffic, call, () => isBack);
      entries.push({ ...call, answers, endedAt: performance.now(), isSettled: false });
      if (kill?.after !== entries.length) continue;
      kill.at = performance.now();
      isBack = killAndWait(server);
    }
  };
  await Promise.all(Array.from({ length: traffic.concurrency }, caller));
  return entries;
}

/** Who finds nobody there waits until the server is back; a call that was sent is not sent again. */
async function callOnce(
  { server, sender }: Traffic,
  call: Call,
  isBack: () => Promise<void>,
): Promise<string[]> {
  for (let tried = 0; tried < 100; tried++) {
    await isBack();
    const url = `${server.url}/ws/${call.place.slug}`;
    const sent = await sender.send(url, headersOf(call), bodyOf(call));
    if (sent.kind === "answered") return answersIn(sent.text, call);
    if (sent.kind === "lost") return [];
  }
  throw new BugError("bench.no-server", `Nobody listens at ${server.url}.`);
}

/** `kill -9` of the process that serves; the launcher starts it again, at the same address. */
async function killAndWait(server: RunningServer): Promise<void> {
  const { platformPid: before } = server;
  process.kill(before, "SIGKILL");
  const isBack = await waitFor(async () => {
    if (server.platformPid === before || server.platformPid === 0) return false;
    const answer = await fetch(`${server.url}/healthz`).catch(() => undefined);
    return answer?.ok === true;
  }, secondsUntilBack);
  if (!isBack) throw new BugError("bench.not-back", "The server did not come back after kill -9.");
}

/** What somebody reads of a log is on disk from then on. */
async function readOnce(agent: McpSession, places: readonly Place[]): Promise<void> {
  for (const { slug } of places) await rowsOf(agent, { workspace: slug, limit: 1 });
}

/** The logs of all workspaces, and what `usage` counts. */
async function readAll(
  agent: McpSession,
  places: readonly Place[],
): Promise<{ rows: Row[]; counted: number }> {
  const rows: Row[] = [];
  let counted = 0;
  for (const place of places) {
    rows.push(...(await allRowsOf(agent, place)));
    const usage = await agent.must("usage", { workspace: place.slug, by: "mcp" });
    const counts = (usage["rows"] as { calls: number }[]).map(({ calls }) => calls);
    counted += counts.reduce((sum, count) => sum + count, 0);
  }
  return { rows, counted };
}

/** One answer of `call_log` where that holds all of them, else one for each server. */
async function allRowsOf(agent: McpSession, { slug, manners }: Place): Promise<Row[]> {
  const whole = await rowsOf(agent, { workspace: slug, limit: rowsAtOnce });
  if (whole.length < rowsAtOnce) return whole;
  const rows: Row[] = [];
  for (const mcp of ["-", ...manners.map((_, at) => `m${at}`)]) {
    const part = await rowsOf(agent, { workspace: slug, mcp, limit: rowsAtOnce });
    if (part.length === rowsAtOnce) {
      throw new BugError(
        "bench.too-many-rows",
        `${slug} ${mcp} may have more rows than one answer.`,
      );
    }
    rows.push(...part);
  }
  return rows;
}

async function rowsOf(
  agent: McpSession,
  filter: { readonly workspace: string; readonly mcp?: string; readonly limit: number },
): Promise<Row[]> {
  const { calls } = (await agent.must("call_log", filter)) as {
    calls: { mcp: string; client?: string; outcome: string; error_code?: string }[];
  };
  return calls.map(({ mcp, client = "", outcome, error_code: code }) => ({
    nonce: client,
    slug: filter.workspace,
    mcp,
    ended: code ?? outcome,
  }));
}
