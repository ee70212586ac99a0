/** Server-sent events of one request: messages on the way, then the answer. */
export class EventWriter {
  readonly #encoder = new TextEncoder();
  readonly #abort: AbortController;
  #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  /** Messages leave in the order in which they were handed over. */
  #last: Promise<unknown> = Promise.resolve();

  /** `abort` is told when the client goes away: that is how it cancels. */
  constructor(abort: AbortController) {
    this.#abort = abort;
  }

  get isOpen(): boolean {
    return this.#writer !== undefined;
  }

  open(): Response {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    this.#writer = writable.getWriter();
    this.#writer.closed.catch(() => this.#abort.abort());
    return new Response(readable, {
      headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
    });
  }

  write(message: unknown): Promise<unknown> {
    const chunk = this.#encoder.encode(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
    this.#last = this.#last.then(() => this.#writer?.write(chunk)).catch(() => undefined);
    return this.#last;
  }

  async end(message: unknown): Promise<void> {
    await this.write(message);
    await this.#writer?.close().catch(() => undefined);
  }
}
