import { execFile, spawn } from "node:child_process";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { promisify } from "node:util";
import { BugError } from "#blueprints/error";
import { initialize, type McpPlace } from "./http-client.ts";

/** Another gateway or bridge, started, with its address and the session that it wants. */
export interface RunningPeer {
  readonly what: string;
  readonly place: McpPlace;
  readonly pid: number;
}

interface Peer {
  readonly what: string;
  /** Package and version, as npm knows it. */
  readonly name: string;
  readonly script: string;
  readonly path: string;
  settings(port: number, upstream: string): { args?: string[]; env?: Record<string, string> };
}

/**
 * TypeScript gateways and bridges that npm alone installs and that start without an account. They
 * check no token, put in no secret, redact nothing and keep no log of calls.
 */
const peers: readonly Peer[] = [
  {
    what: "civic passthrough",
    name: "@civic/passthrough-mcp-server@0.12.1",
    // Its command does nothing when started by its link.
    script: "@civic/passthrough-mcp-server/dist/cli.js",
    path: "/mcp",
    settings: (port, upstream) => ({
      env: { PORT: String(port), TARGET_SERVER_URL: new URL(upstream).origin, LOG_LEVEL: "error" },
    }),
  },
  {
    what: "mcp-proxy, stdio",
    name: "mcp-proxy@6.7.19",
    script: "mcp-proxy/dist/bin/mcp-proxy.mjs",
    path: "/mcp",
    settings: (port) => {
      const listen = ["--port", String(port), "--host", "127.0.0.1", "--server", "stream"];
      const bridged = [process.execPath, path.join(import.meta.dirname, "mcp-stdio.ts")];
      return { args: [...listen, "--", ...bridged] };
    },
  },
];

/**
 * Installs the peers from npm into `folder` and starts them in front of the same MCP server.
 * `stop` ends all of them, also when one did not start.
 */
export async function startPeers(
  folder: string,
  upstream: { readonly url: string; readonly token: string },
): Promise<{ running: RunningPeer[]; stop: () => void }> {
  const names = peers.map(({ name }) => name);
  const install = ["install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts"];
  await promisify(execFile)("npm", [...install, ...names]);
  const running: RunningPeer[] = [];
  const pids: number[] = [];
  const stop = () => pids.forEach((pid) => process.kill(pid));
  try {
    for (const peer of peers) {
      const port = await freePort();
      const { args = [], env = {} } = peer.settings(port, upstream.url);
      const script = path.join(folder, "node_modules", peer.script);
      const options = { stdio: "ignore" as const, env: { ...process.env, ...env } };
      const { pid } = spawn(process.execPath, [script, ...args], options);
      if (pid === undefined) throw new BugError("bench.peer", `${peer.name} did not start.`);
      pids.push(pid);
      const url = `http://127.0.0.1:${port}${peer.path}`;
      const place = await whenReady(() => initialize({ url, token: upstream.token }), peer.name);
      running.push({ what: peer.what, place, pid });
    }
  } catch (error) {
    stop();
    throw error;
  }
  return { running, stop };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const attempts = 100;

async function whenReady<T>(ask: () => Promise<T>, name: string): Promise<T> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    try {
      return await ask();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new BugError("bench.peer", `${name} did not answer.`);
}
