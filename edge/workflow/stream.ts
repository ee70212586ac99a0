import type { StoredEvent } from "./store.ts";

/** What a stream reads from; `Run` implements it. */
export interface StreamSource {
  eventsAfter(seq: number): readonly StoredEvent[];
  /** Resolves at the next event, stored or not, or at once when the run has ended. */
  changed(): Promise<void>;
  isOver(): boolean;
  /** Data of the last event, `result`. */
  result(): { readonly status: string };
  /** Without the values of secrets. */
  redact(text: string): Promise<string>;
}

export interface TransientEvent {
  readonly type: string;
  readonly data: unknown;
}

/** Milliseconds between comments that keep proxies from closing a silent stream. */
const keepAliveMs = 15_000;

function frame(type: string, data: unknown, id?: number): string {
  const name = type.replaceAll(/[\r\n]/g, " ");
  const head = id === undefined ? "" : `id: ${id}\n`;
  return `${head}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

export interface StreamStart {
  /** Number of the last event that the reader has. */
  readonly after: number;
  /** Only that something happened: `changed`, and at the end `result` with the status. */
  readonly isBrief: boolean;
}

/** What the reader of a stream asks for: `Last-Event-ID` as on the web, `?brief`. */
export function toStreamStart(request: Request): StreamStart {
  const after = Number(request.headers.get("last-event-id") ?? 0);
  return {
    after: Number.isSafeInteger(after) && after > 0 ? after : 0,
    isBrief: new URL(request.url).searchParams.has("brief"),
  };
}

/**
 * Server-sent events of a run: stored ones with their number as `id`, so that a client that comes
 * back with `Last-Event-ID` misses none; emitted ones (tokens, progress) as they happen; `result`
 * at the end.
 */
export class RunStream {
  readonly response: Response;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #source: StreamSource;
  readonly #transient: TransientEvent[] = [];
  readonly #isBrief: boolean;
  #after: number;
  #closed = false;

  constructor(source: StreamSource, { after, isBrief }: StreamStart) {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    this.#writer = writable.getWriter();
    this.#source = source;
    this.#after = after;
    this.#isBrief = isBrief;
    this.response = new Response(readable, {
      headers: {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
      },
    });
  }

  emit(event: TransientEvent): void {
    if (!this.#isBrief) this.#transient.push(event);
  }

  /** Writes until the run is over or the reader is gone. Never throws. */
  async pump(): Promise<void> {
    const keepAlive = setInterval(() => void this.#write(": keep-alive\n\n"), keepAliveMs);
    try {
      while (!this.#closed) {
        const changed = this.#source.changed();
        const over = this.#source.isOver();
        await this.#drain();
        if (over) break;
        await changed;
      }
      const { status, ...result } = this.#source.result();
      const data = this.#isBrief ? { status } : { ...result, status };
      await this.#write(await this.#source.redact(frame("result", data)));
    } finally {
      clearInterval(keepAlive);
      await this.#writer.close().catch(() => {});
    }
  }

  async #drain(): Promise<void> {
    const events = this.#source.eventsAfter(this.#after);
    const frames = this.#isBrief
      ? events.slice(-1).map(({ seq }) => frame("changed", { seq }, seq))
      : events.map(({ seq, event }) => frame(event.type, event, seq));
    for (const { type, data } of this.#transient.splice(0)) frames.push(frame(type, data));
    if (frames.length === 0) return;
    await this.#write(await this.#source.redact(frames.join("")));
    this.#after = events.at(-1)?.seq ?? this.#after;
  }

  async #write(text: string): Promise<void> {
    try {
      await this.#writer.write(new TextEncoder().encode(text));
    } catch {
      this.#closed = true;
    }
  }
}
