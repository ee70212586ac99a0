import { type Cancellation, Canceller } from "./cancel.ts";

interface Waiting {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly end: () => void;
}

type WaitFor = <W>(other: Promise<W>) => Promise<W>;

/**
 * Ends what takes too long, with one timer for all that waits, set for the earliest: most of it is
 * over long before, and setting and clearing a timer of its own would cost a call, or a short step,
 * more than everything that is decided about it.
 */
export class Deadlines {
  readonly #waiting = new Set<Waiting>();
  readonly #now: () => number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #firesAt = Number.POSITIVE_INFINITY;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Calls `end` after so many milliseconds, unless what is answered here is called before. */
  after(delayMs: number, end: () => void): () => void {
    const one = { at: this.#now() + delayMs, end };
    this.#waiting.add(one);
    if (one.at < this.#firesAt) this.#fireAt(one.at);
    return () => this.#waiting.delete(one);
  }

  /** Nothing follows for now: while nothing waits, no timer is kept. */
  rest(): void {
    if (this.#waiting.size > 0) return;
    clearTimeout(this.#timer);
    this.#firesAt = Number.POSITIVE_INFINITY;
  }

  /**
   * Runs `work` with a signal that aborts after this long (`TimeoutError`), or with `outer`.
   * `waitFor` stops the clock for what is not the work's own time.
   */
  async run<T>(
    timeoutMs: number,
    outer: Cancellation | undefined,
    work: (signal: Cancellation, waitFor: WaitFor) => Promise<T>,
  ): Promise<T> {
    const abort = new Canceller();
    const end = () => abort.abort(new DOMException("The time is over.", "TimeoutError"));
    let keep = this.after(timeoutMs, end);
    let waits = 0;
    let isOver = false;
    const waitFor: WaitFor = async (other) => {
      if (waits++ === 0) keep();
      try {
        return await other;
      } finally {
        if (--waits === 0 && !isOver) keep = this.after(timeoutMs, end);
      }
    };
    const cancel = () => abort.abort(outer?.reason);
    // A signal tells nobody who comes late: a token may be revoked on the way here.
    if (outer?.aborted) cancel();
    outer?.addEventListener("abort", cancel);
    try {
      return await work(abort, waitFor);
    } finally {
      isOver = true;
      keep();
      outer?.removeEventListener("abort", cancel);
    }
  }

  /** Nearly always nothing is due: the calls that the timer was set for ended long before. */
  #fire(): void {
    this.#firesAt = Number.POSITIVE_INFINITY;
    const now = this.#now();
    let next = Number.POSITIVE_INFINITY;
    for (const one of this.#waiting) {
      if (one.at > now) {
        next = Math.min(next, one.at);
        continue;
      }
      this.#waiting.delete(one);
      one.end();
    }
    if (next < this.#firesAt) this.#fireAt(next);
  }

  #fireAt(at: number): void {
    clearTimeout(this.#timer);
    this.#firesAt = at;
    this.#timer = setTimeout(() => this.#fire(), at - this.#now());
  }
}
