import { spawn } from "node:child_process";
import { createServer, request } from "node:http";
import { createRequire } from "node:module";
import { type AddressInfo, createServer as createSocket } from "node:net";
import { UpstreamError } from "#blueprints/error";

export interface McpWorld {
  /** Streamable HTTP endpoint that asks for the credential. */
  readonly url: string;
  readonly host: string;
  readonly credential: string;
  /** `Authorization` of every request that arrived. */
  readonly authorizations: () => string[];
  stop(): Promise<void>;
}

/**
 * `@modelcontextprotocol/server-everything` as its own process, behind a door that wants a bearer
 * credential and remembers what it was shown.
 */
export async function startEverything(credential: string): Promise<McpWorld> {
  const port = await freePort();
  const entry = createRequire(import.meta.url).resolve(
    "@modelcontextprotocol/server-everything/dist/index.js",
  );
  const child = spawn(process.execPath, [entry, "streamableHttp"], {
    env: { ...process.env, PORT: String(port) },
    stdio: "ignore",
  });
  const inner = `http://127.0.0.1:${port}/mcp`;
  await reachable(inner);
  const door = await startDoor(inner, credential);
  return {
    url: `${door.url}/mcp`,
    host: door.host,
    credential,
    authorizations: () => door.authorizations,
    stop: async () => {
      await door.stop();
      child.kill("SIGKILL");
    },
  };
}

/** Lets requests with the right credential through, without it; everything else is a 401. */
async function startDoor(inner: string, credential: string) {
  const authorizations: string[] = [];
  const server = createServer((incoming, response) => {
    const { authorization = "", host: _host, ...headers } = incoming.headers;
    authorizations.push(authorization);
    if (authorization !== `Bearer ${credential}`) {
      response.writeHead(401, { "Content-Type": "application/json" });
      response.end('{"error":"a bearer credential is wanted"}');
      return;
    }
    const outgoing = request(inner, { method: incoming.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on("error", () => response.destroy());
    response.on("close", () => outgoing.destroy());
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}`,
    host,
    authorizations,
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function freePort(): Promise<number> {
  const socket = createSocket();
  await new Promise<void>((resolve) => socket.listen(0, "127.0.0.1", resolve));
  const { port } = socket.address() as AddressInfo;
  await new Promise((resolve) => socket.close(resolve));
  return port;
}

async function reachable(url: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const answered = await fetch(url).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new UpstreamError("world.not-reachable", `${url} did not answer within 10 s.`);
}
