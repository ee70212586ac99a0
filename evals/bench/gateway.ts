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
import { ask, callEcho, closeConnections, type McpPlace, send } from "./http-client.ts";
import { type RunningPeer, startPeers } from "./peers.ts";

const targets = { addedMs: 1, perSecond: 2000, listMs: 10, grownMegabytes: 60, timesPeers: 2 };
const rounds = 5;
const count = 300;
const busyCount = 1000;
const servers = 50;
const toolsEach = 20;
const credential = "bench-credential-5f2a";
const defaultCalls = 5000;

/**
 * Tool calls straight at an MCP server, through a bare reverse proxy, through a workspace with
 * everything on (token, role, secret, redaction, call log) and, where wanted, through other
 * programs: in turns over one machine.
 */
export async function benchGateway(options: BenchOptions): Promise<BenchTable> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), "aerostack-bench-"));
  const [upstream, port] = await startThread("mcp-upstream.ts", { credential, tools: toolsEach });
  const [proxy, proxyPort] = await startThread("reverse-proxy.ts", { port });
  const direct = { url: `http://127.0.0.1:${port}/mcp`, token: credential };
  const proxied = { url: `http://127.0.0.1:${proxyPort}/mcp`, token: credential };
  const server = await startServer({ dataFolder, allowHosts: "127.0.0.1:*" });
  const peers = options.peers
    ? await startPeers(path.join(dataFolder, "peers"), direct)
    : { running: [], stop: () => Promise.resolve() };
  try {
    const one = await workspaceOf(server, "bench", direct.url, 1);
    const many = await workspaceOf(server, "many", direct.url, servers);
    const ways = { direct, proxied, one, many, peers: peers.running };
    const measured = await measure(server, ways);
    return tableOf(measured, await grow(server, one, options.calls ?? defaultCalls));
  } finally {
    closeConnections();
    await peers.stop();
    await server.stop();
    await Promise.all([upstream.terminate(), proxy.terminate()]);
    await rm(dataFolder, { recursive: true, force: true });
  }
}

/** A server in a thread of its own, and the port that it chose. */
async function startThread(script: string, workerData: object): Promise<[Worker, number]> {
  const thread = new Worker(path.join(import.meta.dirname, script), { workerData });
  const [port] = (await once(thread, "message")) as [number];
  return [thread, port];
}

/** A workspace with the upstream linked so many times, its credential entered; a member's way in. */
async function workspaceOf(
  server: RunningServer,
  slug: string,
  url: string,
  links: number,
): Promise<McpPlace> {
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

/** Calls through one way: alone, 16 at once, and what its process spent on one of the latter. */
interface Way {
  readonly what: string;
  readonly call: () => Promise<void>;
  readonly pid?: number;
  readonly alone: Timing[];
  readonly busy: Timing[];
  readonly processorMs: number[];
}

interface Measured {
  readonly direct: Way;
  readonly proxied: Way;
  readonly through: Way;
  readonly peers: readonly Way[];
  readonly health: readonly Timing[];
  readonly list: readonly Timing[];
}

interface Ways {
  readonly direct: McpPlace;
  readonly proxied: McpPlace;
  readonly one: McpPlace;
  readonly many: McpPlace;
  readonly peers: readonly RunningPeer[];
}

async function measure(server: RunningServer, at: Ways): Promise<Measured> {
  const direct = wayOf("direct", () => callEcho(at.direct, "echo"));
  const proxied = wayOf("bare reverse proxy", () => callEcho(at.proxied, "echo"));
  const ours = () => callEcho(at.one, "m0__echo");
  const through = wayOf("through /ws/:slug", ours, server.platformPid);
  const peers = at.peers.map((peer) => wayOf(peer.what, () => peer.call(), peer.pid));
  const [health, list]: [Timing[], Timing[]] = [[], []];
  // All of them, where a client would otherwise be shown a search.
  const all = { ...at.many, url: `${at.many.url}?tools=direct` };
  const last = `m${servers - 1}__echo_${toolsEach - 1}`;
  // Once unmeasured: every side compiles what it runs often.
  for (const { call } of [through, ...peers]) await time(call, { count: 1500, concurrency: 4 });
  for (let round = 0; round < rounds; round++) {
    for (const way of [direct, proxied, through, ...peers]) await measureWay(way);
    health.push(await time(() => send(`${server.url}/healthz`, {}), { count }));
    list.push(await time(() => ask(all, "tools/list", {}, last), { count: 20 }));
  }
  return { direct, proxied, through, peers, health, list };
}

function wayOf(what: string, call: () => Promise<void>, pid?: number): Way {
  const measured = { alone: [], busy: [], processorMs: [] };
  return { what, call, ...(pid === undefined ? {} : { pid }), ...measured };
}

async function measureWay({ call, pid, alone, busy, processorMs }: Way): Promise<void> {
  alone.push(await time(call, { count }));
  const spent = () => (pid === undefined ? undefined : processorTimeOf(pid)) ?? Number.NaN;
  const before = spent();
  busy.push(await time(call, { count: busyCount, concurrency: 16, warmup: 0 }));
  processorMs.push((spent() - before) / busyCount);
}

interface Grown {
  readonly calls: number;
  readonly megabytes: number;
}

/** Memory of the platform's process over so many calls, after all the others have warmed it up. */
async function grow(server: RunningServer, place: McpPlace, calls: number): Promise<Grown> {
  const before = memoryOf(server.platformPid);
  await time(() => callEcho(place, "m0__echo"), { count: calls, concurrency: 16, warmup: 0 });
  return { calls, megabytes: (memoryOf(server.platformPid) - before) / 1_000_000 };
}

function tableOf(measured: Measured, grown: Grown): BenchTable {
  const { direct, proxied, through, peers, health, list } = measured;
  const ways = [direct, proxied, through, ...peers];
  const base = middle(direct.alone).p50;
  return {
    title:
      "tools/call: token, role, secret put in, redaction, call log; medians of rounds in turns",
    rows: [
      ...ways.map(({ what, alone }) => ({
        what,
        ...middle(alone),
        ratio: middle(alone).p50 / base,
      })),
      ...ways.map(({ what, busy, pid, processorMs }) => ({
        what: `${what}, 16 at once`,
        ...middle(busy),
        ...(pid === undefined ? {} : { processorMs: middleOf(processorMs) }),
      })),
      { what: "GET /healthz of the platform", ...middle(health) },
      { what: listed, ...middle(list) },
    ],
    targets: [...targetsOf(measured, grown), ...peers.map((peer) => aheadOf(peer, measured))],
  };
}

const listed = `tools/list, ${servers} servers x ${toolsEach} tools`;

function targetsOf({ direct, through, list }: Measured, { calls, megabytes }: Grown) {
  const added = addedBy(through, direct);
  const [busy, listing] = [middle(through.busy), middle(list)];
  const processorMs = middleOf(through.processorMs);
  return [
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
      reached: `${listing.p50.toFixed(2)} ms`,
      met: listing.p50 < targets.listMs,
    },
    {
      target: `grows by at most ${targets.grownMegabytes} MB over ${calls} calls`,
      reached: `${megabytes.toFixed(0)} MB`,
      met: megabytes <= targets.grownMegabytes,
    },
  ];
}

/** By how many times a peer adds more to a call, and spends more on it. */
function aheadOf(peer: Way, { direct, through }: Measured) {
  const latency = addedBy(peer, direct) / addedBy(through, direct);
  const processor = middleOf(peer.processorMs) / middleOf(through.processorMs);
  return {
    target: `${targets.timesPeers}x ahead of ${peer.what} in added latency and processor time`,
    reached: `${latency.toFixed(1)}x and ${processor.toFixed(1)}x`,
    met: Math.min(latency, processor) >= targets.timesPeers,
  };
}

function addedBy(way: Way, direct: Way): number {
  return middle(way.alone).p50 - middle(direct.alone).p50;
}
