import { UpstreamError } from "#blueprints/error";
import type { LinkHealth } from "#edge/gateway/workspace-api";
import { abandon, admit, type BreakerState, closedBreaker, settle } from "./breaker.ts";

/** Calls at once, where a link says nothing else. */
export const defaultConcurrent = 64;

/** What went wrong between us and the server; everything else is an answer. */
const faults = new Set(["mcp.unreachable", "mcp.timeout", "mcp.http-status"]);

interface GatePlace {
  readonly concurrent: number;
  now(): number;
}

/** Keeps one upstream from harming the others: so many calls at once, and none while it is broken. */
export class Gate {
  readonly #place: GatePlace;
  #breaker: BreakerState = closedBreaker;
  #running = 0;
  #lastFault: string | undefined;

  constructor(place: GatePlace) {
    this.#place = place;
  }

  get health(): LinkHealth {
    const { kind, faults: inARow, retryAt } = this.#breaker;
    return {
      breaker: kind,
      faults: inARow,
      running: this.#running,
      ...(kind === "open" ? { retryAt } : {}),
      ...(this.#lastFault === undefined ? {} : { lastFault: this.#lastFault }),
    };
  }

  /** Throws `mcp.unavailable` and `mcp.busy` instead of running `work`. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const { concurrent } = this.#place;
    const now = this.#place.now();
    if (this.#running >= concurrent) throw busy(concurrent);
    const { state, admitted } = admit(this.#breaker, now);
    this.#breaker = state;
    if (!admitted) throw unavailable(Math.max(state.retryAt - now, 1000));
    this.#running++;
    try {
      const value = await work();
      this.#breaker = closedBreaker;
      return value;
    } catch (error) {
      this.#breaker = this.#after(error);
      throw error;
    } finally {
      this.#running--;
    }
  }

  /** A changed secret or address deserves a new attempt at once. */
  reset(): void {
    this.#breaker = closedBreaker;
  }

  #after(error: unknown): BreakerState {
    if (!(error instanceof UpstreamError) || error.code === "mcp.cancelled") {
      return abandon(this.#breaker);
    }
    const isFault = faults.has(error.code) && error.retryAfterMs !== undefined;
    if (isFault) this.#lastFault = error.code;
    return settle(this.#breaker, isFault, this.#place.now());
  }
}

function unavailable(retryAfterMs: number): UpstreamError {
  return new UpstreamError("mcp.unavailable", "The MCP server failed several times in a row.", {
    status: 503,
    retryAfterMs,
    fix: `Try again in ${Math.ceil(retryAfterMs / 1000)} s; use other tools meanwhile.`,
  });
}

function busy(concurrent: number): UpstreamError {
  return new UpstreamError("mcp.busy", `${concurrent} calls are under way already.`, {
    status: 429,
    retryAfterMs: 500,
    fix: "Call this MCP server less often at the same time.",
  });
}
