import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { BugError } from "#blueprints/error";

/** A client that costs little itself: `fetch` would add as much as what is measured. */
const agent = new Agent({ keepAlive: true, maxSockets: 64, scheduling: "lifo" });
/** Milliseconds without an answer after which a call has failed, so that a bench ends. */
const timeout = 30_000;
let nextId = 1;

/** An MCP endpoint, the token for it, and the session where it wants one. */
export interface McpPlace {
  readonly url: string;
  readonly token: string;
  readonly session?: string;
}

export async function send(
  url: string,
  headers: Record<string, string>,
  body?: string,
): Promise<string> {
  return (await exchange(url, headers, body)).text;
}

interface Answer {
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
}

function exchange(url: string, headers: Record<string, string>, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
    const method = body === undefined ? "GET" : "POST";
    const options = { method, agent, timeout, headers: { ...headers, ...length } };
    const sent = request(url, options, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => (text += chunk));
      answer.on("end", () => resolve({ text, headers: answer.headers }));
      answer.on("error", reject);
    });
    sent.on("timeout", () => sent.destroy(new BugError("bench.no-answer", `${url} is silent.`)));
    sent.on("error", (error) => {
      // An idle connection was closed just as it was taken up again; nothing had been sent on it.
      if (sent.reusedSocket && "code" in error && error.code === "ECONNRESET") {
        resolve(exchange(url, headers, body));
      } else reject(error);
    });
    sent.end(body);
  });
}

/** One JSON-RPC request; `expected` must be in the answer: a bench of errors would be fast. */
export async function ask(
  at: McpPlace,
  method: string,
  params: object,
  expected: string,
): Promise<void> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: nextId++, method, params });
  const text = await send(at.url, headersOf(at), body);
  if (text.includes(expected)) return;
  throw new BugError("bench.wrong-answer", `${method} was answered with: ${text.slice(0, 300)}`);
}

/** Opens a session at a server that keeps them. */
export async function initialize(at: McpPlace): Promise<McpPlace> {
  const clientInfo = { name: "bench", version: "1" };
  const params = { protocolVersion, capabilities: {}, clientInfo };
  const greeting = { jsonrpc: "2.0", id: nextId++, method: "initialize", params };
  const { text, headers } = await exchange(at.url, headersOf(at), JSON.stringify(greeting));
  if (!text.includes("serverInfo")) throw new BugError("bench.no-session", text.slice(0, 300));
  const session = headers["mcp-session-id"];
  const opened = typeof session === "string" ? { ...at, session } : at;
  const told = { jsonrpc: "2.0", method: "notifications/initialized" };
  await send(at.url, headersOf(opened), JSON.stringify(told));
  return opened;
}

const protocolVersion = "2025-11-25";

function headersOf({ token, session }: McpPlace): Record<string, string> {
  return {
    "Content-Type": "application/json",
    Accept: "application/json, text/event-stream",
    Authorization: `Bearer ${token}`,
    ...(session ? { "Mcp-Session-Id": session, "Mcp-Protocol-Version": protocolVersion } : {}),
  };
}

/** A tool that answers its argument, a new one every time. */
export function callEcho(at: McpPlace, name: string): Promise<void> {
  const message = `nonce ${nextId} ${"x".repeat(64)}`;
  return ask(at, "tools/call", { name, arguments: { message } }, message);
}

export function closeConnections(): void {
  agent.destroy();
}
