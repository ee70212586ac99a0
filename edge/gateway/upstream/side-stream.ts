import { readEvents } from "./event-stream.ts";
import type { InFlight } from "./in-flight.ts";
import { parseMessage } from "./messages.ts";
import { answerBytesOf, type Target } from "./target.ts";

/** Milliseconds without a call after which the stream is closed. */
const idleMs = 30_000;

/**
 * The stream of a session that belongs to no request: many servers of the initialize era ask their
 * client there, in the middle of a call. It is open while somebody could answer.
 */
export class SideStream {
  readonly #target: Target;
  readonly #headers: Record<string, string>;
  readonly #inFlight: InFlight;
  #abort: AbortController | undefined;
  #opening: Promise<void> | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #isOffered = true;

  constructor(target: Target, headers: Record<string, string>, inFlight: InFlight) {
    this.#target = target;
    this.#headers = { ...headers, accept: "text/event-stream" };
    this.#inFlight = inFlight;
  }

  /** Resolves once the server would send its questions here, or offers no such stream. */
  ready(): Promise<void> {
    clearTimeout(this.#idle);
    if (!this.#isOffered || this.#abort) return this.#opening ?? Promise.resolve();
    this.#abort = new AbortController();
    this.#opening = this.#open(this.#abort);
    return this.#opening;
  }

  /** Told after each call. */
  rest(): void {
    clearTimeout(this.#idle);
    if (this.#inFlight.size === 0) this.#idle = setTimeout(() => this.close(), idleMs);
  }

  close(): void {
    clearTimeout(this.#idle);
    this.#abort?.abort();
    this.#abort = undefined;
    this.#opening = undefined;
  }

  async #open(abort: AbortController): Promise<void> {
    const request = { method: "GET" as const, headers: this.#headers, signal: abort.signal };
    const response = await this.#target.send(request).catch(() => undefined);
    const type = response?.headers.get("content-type") ?? "";
    if (!response?.ok || !type.includes("text/event-stream")) {
      await response?.body?.cancel();
      // 405 says that there never will be one; what else went wrong may be better next time.
      if (response?.status === 405) this.#isOffered = false;
      if (this.#abort === abort) this.close();
      return;
    }
    void this.#listen(response, abort);
  }

  async #listen(response: Response, abort: AbortController): Promise<void> {
    const limits = { bytes: answerBytesOf(this.#target), per: "event" as const };
    await readEvents(response, limits, ({ data }) => {
      this.#inFlight.hear(parseMessage(data));
      return !abort.signal.aborted;
    }).catch(() => undefined);
    if (this.#abort === abort) this.close();
  }
}
