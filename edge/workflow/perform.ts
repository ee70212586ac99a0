import { InputError, UpstreamError } from "#blueprints/error";
import type { Effect, KnownEffects, NodeDefinition } from "#blueprints/node";
import type { WorkflowNode } from "#blueprints/blueprint";
import { type SerializedError, serializeError } from "#blueprints/outcome";
import { render } from "#blueprints/template";
import { createContext, type StepInvocation, type StepRecord } from "./context.ts";
import type { RunEvent, StepWait } from "./history.ts";
import { runLimits } from "./limits.ts";

/** A step that is about to run: its config rendered and checked, its effect known. */
export interface PreparedStep {
  readonly definition: NodeDefinition;
  readonly config: unknown;
  readonly effect: Effect;
  /** Hosts that the config writes out, before templates: data cannot add one. */
  hosts(): readonly string[];
}

/** @throws InputError where a template fails or the rendered config does not fit the node type */
export function prepareStep(
  definition: NodeDefinition,
  node: WorkflowNode,
  scope: Readonly<Record<string, unknown>>,
  known: KnownEffects,
): PreparedStep {
  const rendered = Object.fromEntries(
    Object.entries(node.config).map(([field, value]) => [
      field,
      definition.verbatim?.includes(field) ? value : render(value, scope),
    ]),
  );
  const parsed = definition.config.safeParse(rendered);
  if (!parsed.success) {
    const problem = parsed.error.issues[0];
    throw new InputError(
      "step.config-invalid",
      `The config of step "${node.id}" does not fit at ${problem?.path.join(".") ?? ""}: ${problem?.message ?? "invalid"}`,
      { fix: `See the node type "${definition.type}" in aerostack://node-types.` },
    );
  }
  return {
    definition,
    config: parsed.data,
    effect: definition.effect(parsed.data, known),
    // Asked for only when something leaves: a step that sends nothing need not pay for it.
    hosts: () => {
      const written = definition.config.safeParse(node.config);
      return (written.success && definition.requires?.(written.data).hosts) || [];
    },
  };
}

type Performed =
  | { readonly kind: "succeeded"; readonly output: unknown; readonly port: string }
  | { readonly kind: "waiting"; readonly wait: StepWait }
  | { readonly kind: "failed"; readonly error: SerializedError };

/** Runs one attempt. Never throws; what happened is the answer. */
export async function performStep(
  step: PreparedStep,
  invocation: Omit<StepInvocation, "signal" | "hosts">,
  cancel: AbortController,
): Promise<{ performed: Performed; record: StepRecord }> {
  const { context, record } = createContext({
    ...invocation,
    hosts: () => step.hosts(),
    signal: cancel.signal,
  });
  const limit = invocation.node.timeout_ms ?? runLimits.stepMs;
  try {
    const result = await withTimeout(step.definition.run(context, step.config), limit, cancel);
    if ("wait" in result) return { performed: { kind: "waiting", wait: result.wait }, record };
    const output = toJson(invocation.node.id, result.output);
    return { performed: { kind: "succeeded", output, port: result.port ?? "next" }, record };
  } catch (error) {
    return {
      performed: { kind: "failed", error: classify(error, step.effect, invocation.node) },
      record,
    };
  }
}

async function withTimeout<T>(
  work: Promise<T>,
  limit: number,
  cancel: AbortController,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      cancel.abort();
      reject(
        new UpstreamError("step.timeout", `The step took longer than ${limit} ms.`, {
          fix: "Raise the node's `timeout_ms`, or make the step do less.",
        }),
      );
    }, limit);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

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
function classify(error: unknown, effect: Effect, node: WorkflowNode): SerializedError {
  const serialized = serializeError(error);
  if (!ambiguous.has(serialized.code)) return serialized;
  const wanted = node.retry !== undefined || node.on_uncertain === "retry";
  if (effect !== "external" || wanted) return { retryAfterMs: 0, ...serialized };
  const { retryAfterMs: _, ...final } = serialized;
  return final;
}

/** The output as it will be read back, so that a run sees the same before and after a restart. */
function toJson(step: string, output: unknown): unknown {
  let text: string | undefined;
  try {
    text = JSON.stringify(output);
  } catch (cause) {
    throw new InputError("step.output-not-json", `The output of step "${step}" is not JSON.`, {
      fix: "Return plain objects, lists, texts, numbers, true, false and null.",
      cause,
    });
  }
  if (text === undefined) return null;
  if (text.length > runLimits.payloadBytes) {
    throw new InputError(
      "step.output-too-large",
      `The output of step "${step}" has ${text.length} bytes; ${runLimits.payloadBytes} are allowed.`,
      { fix: "Store the data elsewhere and return a reference." },
    );
  }
  return JSON.parse(text) as unknown;
}

/** The event that records what happened. `until`: when the next attempt comes. */
export function toEvent(
  outcome: { performed: Performed; record: StepRecord },
  step: string,
  at: number,
  until: number | undefined,
): RunEvent {
  const { performed, record } = outcome;
  const { logs, effects, variables } = record;
  if (performed.kind === "succeeded") {
    const { output, port } = performed;
    return { type: "step-succeeded", at, step, port, output, variables, logs, effects };
  }
  if (performed.kind === "waiting") {
    return { type: "step-waiting", at, step, wait: performed.wait, logs, effects };
  }
  const { error } = performed;
  const again = until === undefined ? {} : { until };
  return { type: "step-failed", at, step, error, ...again, logs, effects };
}
