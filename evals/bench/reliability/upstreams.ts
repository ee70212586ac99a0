import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import type { Manner } from "./manners.ts";

/**
 * MCP servers in a thread of their own, one for each of the manners given, each on its own port. All
 * of them introduce themselves and list their tool as they should; calls are where manners differ.
 */
const { manners } = workerData as { manners: readonly Manner[] };

interface Message {
  readonly id?: number;
  readonly method: string;
  readonly params?: { readonly arguments?: { readonly message?: string } };
}

/** By then the gateway has long given up: its link waits 100 ms. */
const slowMs = 2000;
const json = { "Content-Type": "application/json" };
const tool = {
  name: "echo",
  description: "Answers what it got.",
  inputSchema: { type: "object", properties: { message: { type: "string" } } },
};

const bodyOf = (id: number, answer: object) => JSON.stringify({ jsonrpc: "2.0", id, ...answer });

const misbehave: Record<
  Exclude<Manner, "well">,
  (response: ServerResponse, id: number, answer: object) => void
> = {
  status: (response) => void response.writeHead(500).end(),
  "no-json": (response, id, answer) =>
    void response.writeHead(200, json).end(bodyOf(id, answer).slice(0, -8)),
  "other-id": (response, id, answer) =>
    void response.writeHead(200, json).end(bodyOf(id + 1, answer)),
  reset: (response) => void response.socket?.resetAndDestroy(),
  slow(response, id, answer) {
    const timer = setTimeout(() => response.writeHead(200, json).end(bodyOf(id, answer)), slowMs);
    response.on("close", () => clearTimeout(timer));
  },
  twice(response, id, answer) {
    const event = `event: message\ndata: ${bodyOf(id, answer)}\n\n`;
    response.writeHead(200, { "Content-Type": "text/event-stream" }).end(event + event);
  },
};

function answerOf({ method, params }: Message): object {
  if (method === "initialize") {
    const serverInfo = { name: "unreliable", version: "1" };
    return { result: { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo } };
  }
  if (method === "tools/list") return { result: { tools: [tool] } };
  if (method === "tools/call") {
    return { result: { content: [{ type: "text", text: params?.arguments?.message ?? "" }] } };
  }
  return { error: { code: -32601, message: "Method not found" } };
}

async function serve(manner: Manner, request: IncomingMessage, response: ServerResponse) {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  const message = JSON.parse(text) as Message;
  const { id, method } = message;
  if (id === undefined) {
    response.writeHead(202).end();
    return;
  }
  const answer = answerOf(message);
  if (manner !== "well" && method === "tools/call") misbehave[manner](response, id, answer);
  else response.writeHead(200, json).end(bodyOf(id, answer));
}

async function listen(manner: Manner): Promise<number> {
  const server = createServer((request, response) => {
    // A gateway that was killed in the middle of its request is no reason to end.
    serve(manner, request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

// eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage(await Promise.all(manners.map(listen)));
