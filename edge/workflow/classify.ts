import type { WorkflowNode } from "#blueprints/blueprint";
import type { Effect } from "#blueprints/node";
import { type SerializedError, serializeError } from "#blueprints/outcome";

/** After these the other side may have acted or not. */
const ambiguous: ReadonlySet<string> = new Set([
  "step.timeout",
  "egress.time-limit",
  "egress.unreachable",
]);

/**
 * What may be tried again. An attempt with an unknown outcome is repeated only where that is safe,
 * or where the node says so with `retry` or `on_uncertain`.
 */
export function classify(error: unknown, effect: Effect, node: WorkflowNode): SerializedError {
  const { details: _, ...serialized } = serializeError(error);
  if (!ambiguous.has(serialized.code)) return serialized;
  const wanted = node.retry !== undefined || node.on_uncertain === "retry";
  if (effect !== "external" || wanted) return { retryAfterMs: 0, ...serialized };
  const { retryAfterMs: __, ...final } = serialized;
  return final;
}
