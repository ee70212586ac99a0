import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { startServer } from "#edge/local/server";
import { connect } from "../harness/client.ts";
import { type BenchTable, middle, time, type Timing } from "./bench.ts";

const targetMilliseconds = 1.5;
const rounds = 3;
const count = 600;

/** A tool call straight at an MCP server and through a workspace, in turns, over one machine. */
export async function benchGateway(): Promise<BenchTable> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), "aerostack-bench-"));
  const upstream = await startUpstream();
  const server = await startServer({ dataFolder, allowHosts: "127.0.0.1:*" });
  try {
    const token = await linkUpstream(server.url, server.accountKey, upstream.url);
    const url = `${server.url}/ws/bench`;
    const direct = () => callTool(upstream.url, "bench-key", "echo");
    const through = () => callTool(url, token, "up__echo");
    const timings: { direct: Timing[]; through: Timing[]; busy: Timing[]; floor: Timing[] } = {
      direct: [],
      through: [],
      busy: [],
      floor: [],
    };
    for (let round = 0; round < rounds; round++) {
      timings.direct.push(await time(direct, { count }));
      timings.floor.push(await time(() => get(`${server.url}/healthz`), { count: 300 }));
      timings.through.push(await time(through, { count }));
      timings.busy.push(await time(through, { count, concurrency: 16 }));
    }
    const [one, other] = [middle(timings.direct), middle(timings.through)];
    const added = other.p50 - one.p50;
    return {
      title: "tools/call, JSON-RPC over HTTP, credential injected, call logged",
      rows: [
        { what: "direct", ...one },
        { what: "GET /healthz of the platform", ...middle(timings.floor) },
        { what: "through /ws/:slug", ...other, ratio: other.p50 / one.p50 },
        { what: "through /ws/:slug, 16 at once", ...middle(timings.busy) },
      ],
      targets: [
        {
          target: `adds at most ${targetMilliseconds} ms p50`,
          reached: `${added.toFixed(2)} ms`,
          met: added <= targetMilliseconds,
        },
      ],
    };
  } finally {
    await server.stop();
    upstream.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

/** A workspace with the upstream linked; answers a member's token. */
async function linkUpstream(base: string, key: string, url: string): Promise<string> {
  const agent = await connect(`${base}/mcp`, key, "2.x");
  try {
    await agent.must("create_workspace", { slug: "bench", name: "Bench" });
    await agent.must("connect_mcp", { workspace: "bench", alias: "up", url });
    const issued = await agent.must("issue_token", {
      workspace: "bench",
      member: "bench",
      inline: true,
    });
    return String(issued["token"]);
  } finally {
    await agent.close();
  }
}

let nextId = 1;

/** One call, its answer checked: a bench of errors would be fast. */
async function callTool(url: string, token: string, name: string): Promise<void> {
  const message = `nonce ${nextId}`;
  const body = { jsonrpc: "2.0", id: nextId++, method: "tools/call" };
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      Authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ ...body, params: { name, arguments: { message } } }),
  });
  const text = await response.text();
  if (!text.includes(message)) throw new Error(`The call was answered with: ${text.slice(0, 300)}`);
}

async function get(url: string): Promise<void> {
  await (await fetch(url)).text();
}

/** The cheapest MCP server there is, so that what is measured is the gateway. */
async function startUpstream(): Promise<{ url: string; stop(): void }> {
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      const { id, method, params } = JSON.parse(text) as {
        id?: number;
        method: string;
        params?: { arguments?: { message?: string } };
      };
      if (id === undefined) {
        response.writeHead(202).end();
        return;
      }
      const body = JSON.stringify({ jsonrpc: "2.0", id, ...answerOf(method, params?.arguments) });
      response.writeHead(200, { "Content-Type": "application/json" }).end(body);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function answerOf(method: string, input: { message?: string } | undefined): object {
  if (method === "initialize") {
    const serverInfo = { name: "bench", version: "1" };
    return { result: { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo } };
  }
  if (method === "tools/list") {
    const inputSchema = { type: "object", properties: { message: { type: "string" } } };
    return {
      result: { tools: [{ name: "echo", description: "Answers what it got.", inputSchema }] },
    };
  }
  if (method === "tools/call") {
    return { result: { content: [{ type: "text", text: input?.message ?? "" }] } };
  }
  return { error: { code: -32601, message: "Method not found" } };
}
