/** What of `AbortSignal` the gateway itself asks and hears; every `AbortSignal` is one. */
export interface Cancellation {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/**
 * An `AbortController` and its signal in one, without the runtime until `fetch` asks for it: a call hands
 * its signal through several parts, and each native one, and each listener to it, would be felt.
 */
export class Canceller implements Cancellation {
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

  /** Once; `reason` as of `AbortController`. */
  abort(reason: unknown = new DOMException("It was cancelled.", "AbortError")): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#reason = reason;
    this.#native?.abort(reason);
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
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
  if (cancellation instanceof AbortSignal) return cancellation;
  if (cancellation instanceof Canceller) return cancellation.native;
  const native = new AbortController();
  if (cancellation.aborted) native.abort(cancellation.reason);
  cancellation.addEventListener("abort", () => native.abort(cancellation.reason));
  return native.signal;
}
