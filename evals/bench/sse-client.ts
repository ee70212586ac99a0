import { get, type IncomingMessage } from "node:http";
import { BugError } from "#blueprints/error";
import { type McpPlace, send } from "./http-client.ts";

const clientInfo = { name: "bench", version: "1" };
const greeting = { protocolVersion: "2024-11-05", capabilities: {}, clientInfo };
/** Milliseconds until a stream that says nothing counts as none. */
const patienceMs = 5000;

/** A session of the HTTP+SSE transport of 2024-11-05: requests are posted, answers come as events. */
export class SseSession {
  readonly #place: McpPlace;
  readonly #stream: IncomingMessage;
  readonly #waiting = new Map<number, (data: string) => void>();
  #nextId = 1;
  #postTo = "";

  private constructor(place: McpPlace, stream: IncomingMessage) {
    this.#place = place;
    this.#stream = stream;
  }

  /** Opens the stream at `place.url` and initialises. Throws where there is none. */
  static async open(place: McpPlace): Promise<SseSession> {
    const stream = await openStream(place);
    const session = new SseSession(place, stream);
    try {
      await session.#listen();
      await session.ask("initialize", greeting, "serverInfo");
      await session.#post(JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }));
      return session;
    } catch (error) {
      stream.destroy();
      throw error;
    }
  }

  /** One request; `expected` must be in the answer. */
  async ask(method: string, params: object, expected: string): Promise<void> {
    const id = this.#nextId++;
    const answer = Promise.withResolvers<string>();
    this.#waiting.set(id, answer.resolve);
    await this.#post(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    const text = await answer.promise;
    if (text.includes(expected)) return;
    throw new BugError("bench.wrong-answer", `${method} was answered with: ${text.slice(0, 300)}`);
  }

  /** A tool that answers its argument, a new one every time. */
  callEcho(name: string): Promise<void> {
    const message = `nonce ${this.#nextId} ${"x".repeat(64)}`;
    return this.ask("tools/call", { name, arguments: { message } }, message);
  }

  async #post(body: string): Promise<void> {
    await send(this.#postTo, { "Content-Type": "application/json" }, body);
  }

  /** Resolves when the server has said where to post. */
  #listen(): Promise<void> {
    const ready = Promise.withResolvers<void>();
    let text = "";
    this.#stream.setEncoding("utf8").on("data", (chunk: string) => {
      const events = (text + chunk).replaceAll("\r\n", "\n").split("\n\n");
      text = events.pop() ?? "";
      for (const event of events) {
        const data = /^data: ?(.*)$/m.exec(event)?.[1] ?? "";
        if (event.startsWith("event: endpoint")) {
          this.#postTo = new URL(data, this.#place.url).href;
          ready.resolve();
        } else this.#take(data);
      }
    });
    return ready.promise;
  }

  #take(data: string): void {
    const { id } = JSON.parse(data) as { id?: number };
    if (id === undefined) return;
    this.#waiting.get(id)?.(data);
    this.#waiting.delete(id);
  }
}

function openStream({ url, token }: McpPlace): Promise<IncomingMessage> {
  const headers = { Accept: "text/event-stream", Authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const asked = get(url, { agent: false, headers, timeout: patienceMs }, (answer) => {
      asked.setTimeout(0);
      if (answer.headers["content-type"]?.includes("event-stream")) resolve(answer);
      else reject(new BugError("bench.no-stream", `${url} answers ${answer.statusCode}.`));
    });
    asked.on("timeout", () => asked.destroy(new BugError("bench.no-answer", `${url} is silent.`)));
    asked.on("error", reject);
  });
}
