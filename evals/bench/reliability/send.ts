import { Agent, request } from "node:http";

/** `refused`: nobody listened, so nothing was sent. `lost`: it was sent, and no answer came. */
export type Sent =
  | { readonly kind: "answered"; readonly text: string }
  | { readonly kind: "refused" }
  | { readonly kind: "lost" };

/** Sends each call once and never again by itself: a repeated call would be two to the log. */
export class Sender {
  readonly #agent: Agent;

  constructor(concurrency: number) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  }

  send(url: string, headers: Record<string, string>, body: string): Promise<Sent> {
    return new Promise((resolve) => {
      const fail = (error: Error) =>
        resolve({ kind: "code" in error && error.code === "ECONNREFUSED" ? "refused" : "lost" });
      const length = { "Content-Length": Buffer.byteLength(body) };
      const options = { method: "POST", agent: this.#agent, headers: { ...headers, ...length } };
      const sent = request(url, options, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("end", () => resolve({ kind: "answered", text }));
        response.on("error", fail);
      });
      sent.on("error", fail);
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
