/** A circuit breaker as data: what happened goes in, whether a call may go out comes back. */
export interface BreakerState {
  readonly kind: "closed" | "open" | "half-open";
  /** Transport faults in a row. */
  readonly faults: number;
  /** Milliseconds since 1970; of an open one. */
  readonly retryAt: number;
  /** Times that it opened without a success in between. */
  readonly opened: number;
}

export const closedBreaker: BreakerState = { kind: "closed", faults: 0, retryAt: 0, opened: 0 };

const faultsUntilOpen = 5;
const firstPauseMs = 10_000;
const longestPauseMs = 120_000;

/** Whether a call may go out now. The first after a pause does, as the one probe. */
export function admit(
  state: BreakerState,
  now: number,
): { readonly state: BreakerState; readonly admitted: boolean } {
  if (state.kind === "closed") return { state, admitted: true };
  if (state.kind === "half-open" || state.retryAt > now) return { state, admitted: false };
  return { state: { ...state, kind: "half-open" }, admitted: true };
}

/** After a call; `isFault`: the transport failed, whatever a tool said is none. */
export function settle(state: BreakerState, isFault: boolean, now: number): BreakerState {
  if (!isFault) return closedBreaker;
  const faults = state.faults + 1;
  // Calls that went out before it opened come back late: they neither lengthen nor end the pause.
  if (state.kind === "open") return { ...state, faults };
  if (state.kind === "closed" && faults < faultsUntilOpen) return { ...state, faults };
  const pause = Math.min(firstPauseMs * 2 ** state.opened, longestPauseMs);
  return { kind: "open", faults, retryAt: now + pause, opened: state.opened + 1 };
}

/** A probe that was cancelled found out nothing: the next call probes. */
export function abandon(state: BreakerState): BreakerState {
  return state.kind === "half-open" ? { ...state, kind: "open", retryAt: 0 } : state;
}
