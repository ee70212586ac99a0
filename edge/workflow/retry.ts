import { type RetryPolicy, retrySchema } from "#blueprints/blueprint";
import type { Effect } from "#blueprints/node";
import { toLayoutNode } from "#blueprints/scopes";
import type { Graph } from "./graph.ts";
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

/**
 * How a failed attempt is retried: as the node says, else as a node says that catches its errors, and
 * then whatever the error is.
 */
export function retryPolicyOf(
  graph: Graph,
  id: string,
  error: StepError,
): { policy?: RetryPolicy; always: boolean } {
  const own = graph.nodes.get(id)?.retry;
  if (own) return { policy: own, always: false };
  for (const catcher of graph.catchers.get(id) ?? []) {
    const [node, definition] = [graph.nodes.get(catcher), graph.definitions.get(catcher)];
    if (!node || !definition?.scope?.retry) continue;
    const policy = definition.scope.retry(toLayoutNode(node, definition).config, error);
    if (policy) return { policy, always: true };
  }
  return { always: false };
}
