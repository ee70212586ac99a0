/** A signal that work hears: of the runtime, or one of our own. */
export type Cancellation = AbortSignal | Canceller;

/**
 * An `AbortController` and its signal in one, without the runtime until `fetch` asks for it: a call hands
 * its signal through several parts, and each native one, and each listener to it, would be felt.
 */
export class Canceller {
  readonly #listeners = new Set<() => void>();
  #native: AbortController | undefined;
  #isAborted = false;
  #reason: unknown;

  get aborted(): boolean {
    return this.#isAborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  /** Once; `reason` as of `AbortController`. All are told before what one of them throws is thrown. */
  abort(reason: unknown = new DOMException("It was cancelled.", "AbortError")): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#reason = reason;
    this.#native?.abort(reason);
    const failures: unknown[] = [];
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch (error) {
        failures.push(error);
      }
    }
    this.#listeners.clear();
    if (failures.length > 0) throw failures[0];
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.delete(listener);
  }

  /** The same for the runtime, as `fetch` wants it. */
  get native(): AbortSignal {
    this.#native ??= new AbortController();
    if (this.#isAborted) this.#native.abort(this.#reason);
    return this.#native.signal;
  }
}

/** For `fetch` and whatever else of the runtime takes a signal. */
export function abortSignalOf(cancellation: Cancellation): AbortSignal {
  return cancellation instanceof Canceller ? cancellation.native : cancellation;
}
