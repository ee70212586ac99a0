import type { WorkflowNode } from "#blueprints/blueprint";
import { UpstreamError } from "#blueprints/error";
import type { Effect } from "#blueprints/node";
import { type SerializedError, serializeError } from "#blueprints/outcome";

/** After these the other side may have acted or not. */
const ambiguous: ReadonlySet<string> = new Set([
  "step.timeout",
  "egress.time-limit",
  "egress.unreachable",
  "mcp.timeout",
  "mcp.unreachable",
  "platform.interrupted",
]);

/**
 * What the platform throws where an object was reset in the middle of a call: new code was deployed,
 * it moved, or it is overloaded.
 * https://developers.cloudflare.com/durable-objects/best-practices/error-handling/
 */
function isInterruption(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { retryable, overloaded, durableObjectReset } = error as Error & {
    retryable?: boolean;
    overloaded?: boolean;
    durableObjectReset?: boolean;
  };
  return retryable === true || overloaded === true || durableObjectReset === true;
}

const interrupted = (cause: unknown) =>
  new UpstreamError("platform.interrupted", "The platform was interrupted during the call.", {
    fix: "Look at the receiving side, then start the run again, or set `on_uncertain` to `retry`.",
    cause,
  });

/**
 * What may be tried again. An attempt with an unknown outcome is repeated only where that is safe,
 * or where the node says so with `retry` or `on_uncertain`.
 */
export function classify(error: unknown, effect: Effect, node: WorkflowNode): SerializedError {
  const { details: _, ...serialized } = serializeError(
    isInterruption(error) ? interrupted(error) : error,
  );
  if (!ambiguous.has(serialized.code)) return serialized;
  const wanted = node.retry !== undefined || node.on_uncertain === "retry";
  if (effect !== "external" || wanted) return { retryAfterMs: 0, ...serialized };
  const { retryAfterMs: __, ...final } = serialized;
  return final;
}
