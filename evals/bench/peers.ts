import path from "node:path";
import { initialize, type McpPlace } from "./http-client.ts";
import { freePort, installPackages, Program, whenReady } from "./program.ts";

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
  await installPackages(folder, names);
  const running: RunningPeer[] = [];
  const programs: Program[] = [];
  const stop = () => programs.forEach((program) => void program.end());
  try {
    for (const peer of peers) {
      const port = await freePort();
      const { args = [], env = {} } = peer.settings(port, upstream.url);
      const script = path.join(folder, "node_modules", peer.script);
      const command = { name: peer.name, file: process.execPath, args: [script, ...args], env };
      const program = new Program(command);
      programs.push(program);
      program.start();
      const url = `http://127.0.0.1:${port}${peer.path}`;
      const place = await whenReady(() => initialize({ url, token: upstream.token }), peer.name);
      running.push({ what: peer.what, place, pid: program.pid });
    }
  } catch (error) {
    stop();
    throw error;
  }
  return { running, stop };
}
