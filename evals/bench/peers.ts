import { writeFileSync } from "node:fs";
import path from "node:path";
import { BugError } from "#blueprints/error";
import { callEcho, initialize, type McpPlace, send } from "./http-client.ts";
import { freePort, installPackages, Program, whenReady } from "./program.ts";
import { SseSession } from "./sse-client.ts";

/** Another gateway or bridge, started, with a way to call the tool `echo` behind it. */
export interface RunningPeer {
  readonly what: string;
  readonly pid: number;
  call(): Promise<void>;
}

interface Start {
  readonly port: number;
  readonly upstream: McpPlace;
  /** A file for the settings of a peer that wants one. */
  readonly file: string;
}

interface Peer {
  readonly what: string;
  /** Package and version, as npm knows it. */
  readonly name: string;
  readonly script: string;
  settings(start: Start): { args?: string[]; env?: Record<string, string> };
  open(place: McpPlace): Promise<() => Promise<void>>;
}

async function openStreamable(place: McpPlace): Promise<() => Promise<void>> {
  const session = await initialize(place);
  return () => callEcho(session, "echo");
}

const stdioServer = path.join(import.meta.dirname, "mcp-stdio.ts");

/**
 * TypeScript gateways and bridges that npm alone installs and that start without an account. They
 * check no token, redact nothing and keep no log of calls; only mcp-hub puts in a credential, and
 * knows more than one server. What is behind a bridge over stdio runs in a process of its own, whose
 * processor time is not counted.
 */
const peers: readonly Peer[] = [
  {
    what: "civic passthrough",
    name: "@civic/passthrough-mcp-server@0.12.1",
    // Its command does nothing when started by its link.
    script: "@civic/passthrough-mcp-server/dist/cli.js",
    settings: ({ port, upstream: { url } }) => ({
      env: { PORT: String(port), TARGET_SERVER_URL: new URL(url).origin, LOG_LEVEL: "error" },
    }),
    open: openStreamable,
  },
  {
    what: "mcp-hub",
    name: "mcp-hub@4.2.1",
    script: "mcp-hub/dist/cli.js",
    settings: ({ port, upstream: { url, token }, file }) => {
      const headers = { Authorization: `Bearer ${token}` };
      writeFileSync(file, JSON.stringify({ mcpServers: { m0: { url, headers } } }));
      // It writes into the home folder otherwise.
      const env = { XDG_STATE_HOME: path.dirname(file), XDG_DATA_HOME: path.dirname(file) };
      return { args: ["--port", String(port), "--config", file], env };
    },
    open: async (place) => {
      // It never recovers from a client that came too early and went away.
      const health = await send(new URL("/api/health", place.url).href, {});
      if (!health.includes('"status":"connected"')) throw new BugError("bench.peer", health);
      const session = await SseSession.open(place);
      return () => session.callEcho("m0__echo");
    },
  },
  {
    what: "mcp-proxy, stdio",
    name: "mcp-proxy@6.7.19",
    script: "mcp-proxy/dist/bin/mcp-proxy.mjs",
    settings: ({ port }) => {
      const listen = ["--port", String(port), "--host", "127.0.0.1", "--server", "stream"];
      return { args: [...listen, "--", process.execPath, stdioServer] };
    },
    open: openStreamable,
  },
  {
    what: "supergateway, stdio",
    name: "supergateway@4.0.0",
    script: "supergateway/dist/index.js",
    settings: ({ port }) => {
      const listen = ["--port", String(port), "--outputTransport", "streamableHttp", "--stateful"];
      return { args: [...listen, "--stdio", `"${process.execPath}" "${stdioServer}"`] };
    },
    open: openStreamable,
  },
];

/**
 * Installs the peers from npm into `folder` and starts them in front of the same MCP server.
 * `stop` ends all of them and resolves when they are gone, also when one did not start.
 */
export async function startPeers(
  folder: string,
  upstream: McpPlace,
): Promise<{ running: RunningPeer[]; stop: () => Promise<void> }> {
  const names = peers.map(({ name }) => name);
  await installPackages(folder, names);
  const running: RunningPeer[] = [];
  const programs: Program[] = [];
  const stop = async () => {
    await Promise.all(programs.map((program) => program.end()));
  };
  try {
    for (const peer of peers) {
      const port = await freePort();
      const file = path.join(folder, `${port}.json`);
      const { args = [], env = {} } = peer.settings({ port, upstream, file });
      const script = path.join(folder, "node_modules", peer.script);
      const command = { name: peer.name, file: process.execPath, args: [script, ...args], env };
      const program = new Program(command);
      programs.push(program);
      program.start();
      const place = { url: `http://127.0.0.1:${port}/mcp`, token: upstream.token };
      const call = await whenReady(async () => {
        const opened = await peer.open(place);
        await opened();
        return opened;
      }, peer.name);
      running.push({ what: peer.what, call, pid: program.pid });
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { running, stop };
}
