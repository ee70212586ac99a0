import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Arrival {
  readonly run: string;
  readonly step: string;
  /** By `performance.now()`. */
  readonly at: number;
}

/** What the world sees of runs: it takes `PUT /<run>/<step>`, and holds one step until it is told not to. */
export class Witness {
  readonly arrivals: Arrival[] = [];
  readonly #server: Server;
  #held: { readonly run: string; readonly step: string } | undefined;
  #reached: () => void = () => undefined;

  constructor() {
    this.#server = createServer((request, response) => {
      const [, run = "", step = ""] = (request.url ?? "").split("/");
      request.resume();
      this.arrivals.push({ run, step, at: performance.now() });
      if (run === this.#held?.run && step === this.#held.step) {
        this.#reached();
        return;
      }
      response.setHeader("content-type", "application/json");
      response.end("{}");
    });
  }

  /** `127.0.0.1:port`. */
  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves when this step has come; it gets no answer until `letGo`. */
  hold(run: string, step: string): Promise<void> {
    this.#held = { run, step };
    return new Promise((resolve) => (this.#reached = resolve));
  }

  letGo(): void {
    this.#held = undefined;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
