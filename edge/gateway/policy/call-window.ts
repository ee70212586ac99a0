/**
 * The last minute of one token, exactly: so many calls in any 60 seconds, not in a calendar minute
 * around whose end twice as many would fit. A ring of times, one number a call allowed.
 */
export class CallWindow {
  readonly #times: Float64Array;
  #next = 0;

  constructor(perMinute: number) {
    this.#times = new Float64Array(perMinute);
  }

  get perMinute(): number {
    return this.#times.length;
  }

  /** Milliseconds until a call may be made; 0: now. */
  waitMs(now: number): number {
    const oldest = this.#times[this.#next] ?? 0;
    return oldest === 0 ? 0 : Math.max(0, oldest + 60_000 - now);
  }

  count(now: number): void {
    this.#times[this.#next] = now;
    this.#next = (this.#next + 1) % this.#times.length;
  }
}
