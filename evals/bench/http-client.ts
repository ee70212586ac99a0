import { Agent, request } from "node:http";
import { BugError } from "#blueprints/error";

/** A client that costs little itself: `fetch` would add as much as what is measured. */
const agent = new Agent({ keepAlive: true, maxSockets: 64, scheduling: "lifo" });
let nextId = 1;

export function send(url: string, headers: Record<string, string>, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
    const method = body === undefined ? "GET" : "POST";
    const sent = request(url, { method, agent, headers: { ...headers, ...length } }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => (text += chunk));
      answer.on("end", () => resolve(text));
      answer.on("error", reject);
    });
    sent.on("error", (error) => {
      // An idle connection was closed just as it was taken up again; nothing had been sent on it.
      if (sent.reusedSocket && "code" in error && error.code === "ECONNRESET") {
        resolve(send(url, headers, body));
      } else reject(error);
    });
    sent.end(body);
  });
}

/** One JSON-RPC request; `expected` must be in the answer: a bench of errors would be fast. */
export async function ask(
  { url, token }: { url: string; token: string },
  method: string,
  params: object,
  expected: string,
): Promise<void> {
  const headers = {
    "Content-Type": "application/json",
    Accept: "application/json, text/event-stream",
    Authorization: `Bearer ${token}`,
  };
  const body = JSON.stringify({ jsonrpc: "2.0", id: nextId++, method, params });
  const text = await send(url, headers, body);
  if (text.includes(expected)) return;
  throw new BugError("bench.wrong-answer", `${method} was answered with: ${text.slice(0, 300)}`);
}

/** A tool that answers its argument, a new one every time. */
export function callEcho(at: { url: string; token: string }, name: string): Promise<void> {
  const message = `nonce ${nextId} ${"x".repeat(64)}`;
  return ask(at, "tools/call", { name, arguments: { message } }, message);
}

export function closeConnections(): void {
  agent.destroy();
}
