import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { memoryOf, processorTimeOf } from "#edge/local/processes";
import { type RunningServer, startServer } from "#edge/local/server";
import { connect, type McpSession } from "../harness/client.ts";
import { enterSecret } from "../harness/person.ts";
import {
  type BenchOptions,
  type BenchTable,
  middle,
  middleOf,
  time,
  type Timing,
} from "./bench.ts";
import { ask, callEcho, closeConnections, send } from "./http-client.ts";

const targets = { addedMs: 1, perSecond: 2000, listMs: 10, grownMegabytes: 60 };
const rounds = 5;
const count = 300;
const servers = 50;
const toolsEach = 20;
const credential = "bench-credential-5f2a";
const defaultCalls = 5000;

/**
 * Tool calls straight at an MCP server and through a workspace, in turns over one machine, with
 * everything on: token, role, secret, redaction, call log.
 */
export async function benchGateway({ calls = defaultCalls }: BenchOptions): Promise<BenchTable> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), "aerostack-bench-"));
  const upstream = new Worker(path.join(import.meta.dirname, "mcp-upstream.ts"), {
    workerData: { credential, tools: toolsEach },
  });
  const [port] = (await once(upstream, "message")) as [number];
  const direct = { url: `http://127.0.0.1:${port}/mcp`, token: credential };
  const server = await startServer({ dataFolder, allowHosts: "127.0.0.1:*" });
  try {
    const one = await workspaceOf(server, "bench", direct.url, 1);
    const many = await workspaceOf(server, "many", direct.url, servers);
    const measured = await measure(server, { direct, one, many });
    return tableOf(measured, await grow(server, one, calls));
  } finally {
    closeConnections();
    await server.stop();
    await upstream.terminate();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

interface Place {
  readonly url: string;
  readonly token: string;
}

/** A workspace with the upstream linked so many times, its credential entered; a member's way in. */
async function workspaceOf(
  server: RunningServer,
  slug: string,
  url: string,
  links: number,
): Promise<Place> {
  const agent = await connect(`${server.url}/mcp`, server.accountKey, "2.x");
  try {
    await agent.must("create_workspace", { slug, name: slug });
    const auth = { type: "header", secret: "UPSTREAM_KEY" };
    for (let at = 0; at < links; at++) {
      const linked = await agent.must("connect_mcp", {
        workspace: slug,
        alias: `m${at}`,
        url,
        auth,
      });
      if (at === 0) await enter(linked);
    }
    return { url: `${server.url}/ws/${slug}`, token: await tokenOf(agent, slug) };
  } finally {
    await agent.close();
  }
}

async function enter(linked: Record<string, unknown>): Promise<void> {
  const { enter_url: url } = linked["secret"] as { enter_url: string };
  await enterSecret(url, credential);
}

async function tokenOf(agent: McpSession, workspace: string): Promise<string> {
  const issued = await agent.must("issue_token", { workspace, member: "bench", inline: true });
  return String(issued["token"]);
}

type What = "direct" | "health" | "through" | "directBusy" | "busy" | "list";
type Measured = Record<What, Timing[]> & { readonly processorMs: number[] };

async function measure(
  server: RunningServer,
  at: { direct: Place; one: Place; many: Place },
): Promise<Measured> {
  const direct = () => callEcho(at.direct, "echo");
  const through = () => callEcho(at.one, "m0__echo");
  const health = () => send(`${server.url}/healthz`, {});
  // All of them, where a client would otherwise be shown a search.
  const all = { ...at.many, url: `${at.many.url}?tools=direct` };
  const list = () => ask(all, "tools/list", {}, `m${servers - 1}__echo_${toolsEach - 1}`);
  const timings: Measured = {
    direct: [],
    health: [],
    through: [],
    directBusy: [],
    busy: [],
    list: [],
    processorMs: [],
  };
  // Once unmeasured: both sides compile what they run often.
  await time(through, { count: 1500, concurrency: 4 });
  for (let round = 0; round < rounds; round++) {
    timings.direct.push(await time(direct, { count }));
    timings.health.push(await time(health, { count }));
    timings.through.push(await time(through, { count }));
    timings.directBusy.push(await time(direct, { count: 2 * count, concurrency: 16 }));
    const before = processorTimeOf(server.platformPid) ?? Number.NaN;
    timings.busy.push(await time(through, { count: 2 * count, concurrency: 16, warmup: 0 }));
    const used = (processorTimeOf(server.platformPid) ?? Number.NaN) - before;
    timings.processorMs.push(used / (2 * count));
    timings.list.push(await time(list, { count: 20 }));
  }
  return timings;
}

interface Grown {
  readonly calls: number;
  readonly megabytes: number;
}

/** Memory of the platform's process over so many calls, after all the others have warmed it up. */
async function grow(server: RunningServer, place: Place, calls: number): Promise<Grown> {
  const before = memoryOf(server.platformPid);
  await time(() => callEcho(place, "m0__echo"), { count: calls, concurrency: 16, warmup: 0 });
  return { calls, megabytes: (memoryOf(server.platformPid) - before) / 1_000_000 };
}

function tableOf(measured: Measured, { calls, megabytes }: Grown): BenchTable {
  const [direct, through] = [middle(measured.direct), middle(measured.through)];
  const [busy, list] = [middle(measured.busy), middle(measured.list)];
  const added = through.p50 - direct.p50;
  const processorMs = middleOf(measured.processorMs);
  const listed = `tools/list, ${servers} servers x ${toolsEach} tools`;
  return {
    title:
      "tools/call: token, role, secret put in, redaction, call log; medians of rounds in turns",
    rows: [
      { what: "direct", ...direct },
      { what: "GET /healthz of the platform", ...middle(measured.health) },
      { what: "through /ws/:slug", ...through, ratio: through.p50 / direct.p50 },
      { what: "direct, 16 at once", ...middle(measured.directBusy) },
      { what: "through /ws/:slug, 16 at once", ...busy, processorMs },
      { what: listed, ...list },
    ],
    targets: [
      {
        target: `adds at most ${targets.addedMs.toFixed(1)} ms p50 to this run's direct call`,
        reached: `${added.toFixed(2)} ms`,
        met: added <= targets.addedMs,
      },
      {
        target: `at least ${targets.perSecond} calls/s, 16 at once`,
        reached: `${busy.perSecond.toFixed(0)}/s, ${processorMs.toFixed(2)} ms of processor a call`,
        met: busy.perSecond >= targets.perSecond,
      },
      {
        target: `${listed}, under ${targets.listMs} ms p50`,
        reached: `${list.p50.toFixed(2)} ms`,
        met: list.p50 < targets.listMs,
      },
      {
        target: `grows by at most ${targets.grownMegabytes} MB over ${calls} calls`,
        reached: `${megabytes.toFixed(0)} MB`,
        met: megabytes <= targets.grownMegabytes,
      },
    ],
  };
}
