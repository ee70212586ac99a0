import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parentPort, workerData } from "node:worker_threads";

/**
 * The cheapest MCP server there is, so that what is measured is the gateway. It runs in a thread of
 * its own and answers only who carries the credential, so that its injection is part of the figure.
 */
const { credential, tools } = workerData as { credential: string; tools: number };

interface Message {
  readonly id?: number;
  readonly method: string;
  readonly params?: { readonly arguments?: { readonly message?: string } };
}

const inputSchema = {
  type: "object",
  properties: { message: { type: "string", description: "Comes back as it is." } },
  required: ["message"],
};
const named = Array.from({ length: tools }, (_, at) => (at === 0 ? "echo" : `echo_${at}`));
const listed = named.map((name) => ({ name, description: "Answers what it got.", inputSchema }));

function answerOf({ method, params }: Message): object {
  if (method === "initialize") {
    const serverInfo = { name: "bench", version: "1" };
    return { result: { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo } };
  }
  if (method === "tools/list") return { result: { tools: listed } };
  if (method === "tools/call") {
    return { result: { content: [{ type: "text", text: params?.arguments?.message ?? "" }] } };
  }
  return { error: { code: -32601, message: "Method not found" } };
}

const server = createServer((request, response) => {
  if (request.headers.authorization !== `Bearer ${credential}`) {
    response.writeHead(401).end();
    return;
  }
  let text = "";
  request.on("data", (chunk: Buffer) => (text += chunk.toString()));
  request.on("end", () => {
    const message = JSON.parse(text) as Message;
    if (message.id === undefined) {
      response.writeHead(202).end();
      return;
    }
    const body = JSON.stringify({ jsonrpc: "2.0", id: message.id, ...answerOf(message) });
    const length = Buffer.byteLength(body);
    const headers = { "Content-Type": "application/json", "Content-Length": length };
    response.writeHead(200, headers).end(body);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage((server.address() as AddressInfo).port);
});
