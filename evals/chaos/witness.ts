import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ModelServer } from "#edge/models/model-server.fixture";

/** One request that reached the witness. */
export interface Arrival {
  /** Idempotency key: run, colon, path of the step. */
  readonly key: string;
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Whether the witness did what it was asked, or turned it down. */
  readonly acted: boolean;
}

/** One question that reached the model server: of which run, and after how many of its turns. */
export interface Question {
  readonly nonce: string;
  readonly turn: number;
}

/** Milliseconds: the longest that an ordinary answer takes, and one that nobody waits for. */
const slowMs = 250;
const heldMs = 6_000;
const turns = 3;

/**
 * The world outside: it acts on what reaches it and notes each request with its key. Some addresses
 * are busy or fail at first, some never do what they are asked. It outlives every kill.
 */
export class Witness {
  readonly arrivals: Arrival[] = [];
  readonly questions: Question[] = [];
  /** Turns in which an agent's tool acted, as `nonce turn`. */
  readonly recorded: string[] = [];
  readonly #random: () => number;
  readonly #models: ModelServer;
  readonly #server = createServer((request, response) => {
    // Who was killed in the middle of a request hears no answer.
    this.#serve(request, response).catch(() => response.destroy());
  });

  constructor(random: () => number) {
    this.#random = random;
    this.#models = new ModelServer(({ body, text }) => {
      const messages = body["messages"] as { role: string }[];
      const turn = messages.filter(({ role }) => role === "assistant").length + 1;
      const nonce = /nonce-\d+/.exec(text)?.[0] ?? "";
      this.questions.push({ nonce, turn });
      if (turn > turns) return { text: "All is done." };
      return { toolCalls: [{ name: "record", input: { turn, nonce } }] };
    });
  }

  /** `127.0.0.1:port`. */
  async listen(): Promise<string> {
    // A connection that is closed while a request comes in would look like a lost answer.
    this.#server.keepAliveTimeout = 3_600_000;
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = Date.now();
    const { url: path = "/" } = request;
    const key = String(request.headers["idempotency-key"] ?? "");
    const status = this.#statusOf(path, key);
    if (!path.startsWith("/v1/") && path !== "/record") {
      this.arrivals.push({ key, path, at, acted: status < 300 });
    }
    let text = "";
    for await (const chunk of request) text += String(chunk);
    await new Promise((resolve) => {
      setTimeout(resolve, path === "/held" ? heldMs : this.#random() * slowMs);
    });
    response.setHeader("content-type", "application/json");
    if (path.startsWith("/v1/")) {
      const answer = await this.#models.answer(`http://models${path}`, text);
      response.end(await answer.text());
      return;
    }
    if (path === "/record") {
      const { nonce, turn } = JSON.parse(text) as Question;
      this.recorded.push(`${nonce} ${turn}`);
    }
    if (status === 429) response.setHeader("retry-after", "2");
    response.statusCode = status;
    response.end("{}");
  }

  #statusOf(path: string, key: string): number {
    if (path === "/refuse") return 400;
    const first = { "/flaky": 503, "/busy": 429 }[path];
    if (first === undefined) return 200;
    return this.arrivals.some((one) => one.key === key) ? 200 : first;
  }
}
