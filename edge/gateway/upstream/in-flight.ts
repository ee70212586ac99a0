import { isRecord } from "./json-rpc.ts";
import { hear, type Listener } from "./messages.ts";

interface Open {
  readonly listener: Listener;
  /** What the call's own progress token is known as to the upstream. */
  readonly progressToken: unknown;
}

/**
 * The calls of one session that wait for their answers. What comes over a stream that belongs to no
 * call goes to the call that it is about: progress by its token, anything else to the latest one.
 */
export class InFlight {
  readonly #open = new Map<number, Open>();

  get size(): number {
    return this.#open.size;
  }

  add(id: number, open: Open): void {
    this.#open.set(id, open);
  }

  remove(id: number): void {
    this.#open.delete(id);
  }

  hear(message: unknown): void {
    if (!isRecord(message)) return;
    const params = isRecord(message["params"]) ? message["params"] : {};
    const token = params["progressToken"];
    const all = [...this.#open.values()];
    const about =
      message["method"] === "notifications/progress"
        ? all.find((open) => open.progressToken === token)
        : all.findLast(({ listener }) => message["id"] === undefined || listener.onRequest);
    if (about) hear(message, about.listener);
  }
}
