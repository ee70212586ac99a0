import type { Canceller } from "#edge/cancel";

/** Milliseconds between signs of life; proxies cut streams that are silent for long. */
const aliveMs = 15_000;
const encoder = new TextEncoder();

/** Server-sent events of one request: messages on the way, then the answer. */
export class EventWriter {
  readonly #abort: Canceller;
  #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  /** Messages leave in the order in which they were handed over. */
  #last: Promise<unknown> = Promise.resolve();
  #alive: ReturnType<typeof setInterval> | undefined;

  /** `abort` is told when the client goes away: that is how it cancels. */
  constructor(abort: Canceller) {
    this.#abort = abort;
  }

  get isOpen(): boolean {
    return this.#writer !== undefined;
  }

  open(): Response {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    this.#writer = writable.getWriter();
    this.#writer.closed
      .catch(() => this.#abort.abort())
      .finally(() => {
        clearInterval(this.#alive);
      });
    this.#alive = setInterval(() => void this.#send(": alive\n\n"), aliveMs);
    return new Response(readable, {
      headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
    });
  }

  write(message: unknown): Promise<unknown> {
    return this.#send(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
  }

  #send(text: string): Promise<unknown> {
    const chunk = encoder.encode(text);
    this.#last = this.#last.then(() => this.#writer?.write(chunk)).catch(() => undefined);
    return this.#last;
  }

  async end(message: unknown): Promise<void> {
    clearInterval(this.#alive);
    await this.write(message);
    await this.#writer?.close().catch(() => undefined);
  }
}
