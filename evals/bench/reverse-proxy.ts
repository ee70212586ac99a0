import { Agent, createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { parentPort, workerData } from "node:worker_threads";

/** The least that can stand between a client and a server: bytes in, bytes out, connections kept. */
const { port } = workerData as { port: number };
const agent = new Agent({ keepAlive: true, maxSockets: 64, scheduling: "lifo" });

const proxy = createServer((request, response) => {
  const { url: path, method, headers } = request;
  const passed = send({ host: "127.0.0.1", port, path, method, headers, agent }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  passed.on("error", () => response.destroy());
  request.pipe(passed);
});
proxy.keepAliveTimeout = 60_000;
proxy.listen(0, "127.0.0.1", () => {
  // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage((proxy.address() as AddressInfo).port);
});
