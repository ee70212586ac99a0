import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { answerOf, type Message } from "./mcp-answers.ts";

/**
 * The cheapest MCP server there is, so that what is measured is the gateway. It runs in a thread of
 * its own and answers only who carries the credential, so that its injection is part of the figure.
 */
const { credential, tools } = workerData as { credential: string; tools: number };

const server = createServer((request, response) => {
  if (request.headers.authorization !== `Bearer ${credential}`) {
    response.writeHead(401).end();
    return;
  }
  if (request.method !== "POST") {
    response.writeHead(405).end();
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
    const body = JSON.stringify({ jsonrpc: "2.0", id: message.id, ...answerOf(message, tools) });
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
