/**
 * What a run does when something took too long. One timer serves all and waits for the earliest: most
 * of it is over long before, and a timer of its own costs a short step as much as its work.
 */
export class Deadlines {
  readonly #open = new Set<Deadline>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Milliseconds since 1970 of the timer that is set. */
  #timerAt = Infinity;

  /** Calls `expire` in `limitMs` milliseconds, unless the function that it answers was called before. */
  watch(limitMs: number, expire: () => void): () => void {
    const deadline = { at: Date.now() + limitMs, expire };
    this.#open.add(deadline);
    this.#setTimer(deadline.at);
    return () => void this.#open.delete(deadline);
  }

  /** Nothing follows for now: without open deadlines no timer is kept. */
  rest(): void {
    if (this.#open.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = Infinity;
  }

  #setTimer(at: number): void {
    if (at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#fire(), Math.max(0, at - Date.now()));
  }

  #fire(): void {
    this.#timer = undefined;
    this.#timerAt = Infinity;
    const now = Date.now();
    for (const deadline of this.#open) {
      if (deadline.at > now) continue;
      this.#open.delete(deadline);
      deadline.expire();
    }
    const next = Math.min(...[...this.#open].map(({ at }) => at));
    if (next < Infinity) this.#setTimer(next);
  }
}

interface Deadline {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly expire: () => void;
}
