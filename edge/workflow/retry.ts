import { type RetryPolicy, retrySchema } from "#blueprints/blueprint";
import type { Effect } from "#blueprints/node";
import type { StepError } from "./history.ts";

/** A server that asks for more patience than this is treated as failed, in milliseconds. */
const longestRetryAfter = 86_400_000;

export interface FailedAttempt {
  readonly error: StepError;
  /** 1 for the first. */
  readonly attempt: number;
  readonly effect: Effect;
}

/**
 * Milliseconds until the next attempt; undefined: failed for good. Only an error that says
 * `retryAfterMs` is retried, so a step that may have taken effect is not.
 * Exponential, half of it jitter, never shorter than the server asked for.
 */
export function retryDelay(
  { error, attempt }: FailedAttempt,
  policy: RetryPolicy | undefined,
  random: () => number,
): number | undefined {
  const { attempts, delay_ms, factor, max_delay_ms } = policy ?? retrySchema.parse({});
  const asked = error.retryAfterMs;
  if (asked === undefined || asked > longestRetryAfter || attempt >= attempts) return undefined;
  const backoff = Math.min(max_delay_ms, delay_ms * factor ** (attempt - 1));
  return Math.max(asked, Math.round(backoff * (0.5 + random() / 2)));
}
