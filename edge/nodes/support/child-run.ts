import type { NodeWait } from "#blueprints/node";
import type { ChildResult, NodeContext } from "#blueprints/node-context";

/**
 * Starts a run and waits for its end; the handler runs again then. `until`: milliseconds since 1970.
 * Undefined: it did not end in time, and is cancelled with the step.
 */
export async function awaitChild(
  context: NodeContext,
  start: () => Promise<{ id: string }>,
  until?: number,
): Promise<NodeWait | { readonly result: ChildResult | undefined }> {
  const { arrival } = context;
  if (arrival?.kind === "signal") return { result: arrival.payload as ChildResult };
  if (arrival?.kind === "timeout") return { result: undefined };
  const { id } = await start();
  return { wait: { signal: "child", child: id, ...(until === undefined ? {} : { until }) } };
}
