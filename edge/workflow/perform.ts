import { UpstreamError } from "#blueprints/error";
import type { NodeDefinition } from "#blueprints/node";
import { type SerializedError, serializeError } from "#blueprints/outcome";
import type { Canceller } from "#edge/cancel";
import { classify } from "./classify.ts";
import { createContext } from "./context.ts";
import type { Deadlines } from "#edge/deadlines";
import type { FinishedScope } from "./decide.ts";
import type { RunEvent, StepWait } from "./history.ts";
import { toJson } from "./json-value.ts";
import { runLimits } from "./limits.ts";
import type { PreparedStep } from "./prepare.ts";
import { type StepInvocation, type StepRecord, toReport } from "./step-invocation.ts";

export type Performed =
  | {
      readonly kind: "succeeded";
      readonly output: unknown;
      readonly port: string;
      readonly raise?: SerializedError;
    }
  | { readonly kind: "opened"; readonly opened: unknown }
  | { readonly kind: "waiting"; readonly wait: StepWait }
  /** `until`: a sub-step is tried again then. */
  | { readonly kind: "failed"; readonly error: SerializedError; readonly until?: number };

export interface Outcome {
  readonly performed: Performed;
  readonly record: StepRecord;
}

/** What may end an attempt before its handler does. */
export interface Ends {
  readonly cancel: Canceller;
  readonly deadlines: Deadlines;
}

/** Runs one attempt. Never throws; what happened is the answer. */
export async function performStep(
  step: PreparedStep,
  invocation: Omit<StepInvocation, "prepared" | "cancel">,
  { cancel, deadlines }: Ends,
): Promise<Outcome> {
  const { context, record, substeps } = createContext({ ...invocation, prepared: step, cancel });
  const { node } = invocation;
  const { definition, config } = step;
  const limit = node.timeout_ms ?? definition.timeoutMs?.(config) ?? runLimits.stepMs;
  try {
    const performed = Promise.race([
      definition.run(context, config).then((result) => toPerformed(node.id, result)),
      substeps.suspended.then((suspension): Performed => ({ kind: "failed", ...suspension })),
    ]);
    return { performed: await withTimeout(performed, limit, { cancel, deadlines }), record };
  } catch (error) {
    const effect = isActing(invocation) ? "external" : step.effect;
    return { performed: { kind: "failed", error: classify(error, effect, node) }, record };
  } finally {
    substeps.close();
  }
}

/** A sub-step that must not simply be repeated is under way: its outcome is unknown. */
function isActing({ step }: Pick<StepInvocation, "step">): boolean {
  return [...step.substeps.values()].some(
    ({ status, effect, throws }) => status === "running" && effect === "external" && !throws,
  );
}

function toPerformed(step: string, result: Awaited<ReturnType<NodeDefinition["run"]>>): Performed {
  if ("wait" in result) return { kind: "waiting", wait: toJson(step, result.wait) as StepWait };
  if ("open" in result) return { kind: "opened", opened: toJson(step, result.open) };
  const { output, port = "next", raise } = result;
  return { kind: "succeeded", output: toJson(step, output), port, ...(raise ? { raise } : {}) };
}

async function withTimeout<T>(
  work: Promise<T>,
  limit: number,
  { cancel, deadlines }: Ends,
): Promise<T> {
  const timeout = Promise.withResolvers<never>();
  const done = deadlines.after(limit, () => {
    cancel.abort();
    timeout.reject(
      new UpstreamError("step.timeout", `The step took longer than ${limit} ms.`, {
        fix: "Raise the node's `timeout_ms`, or make the step do less.",
      }),
    );
  });
  try {
    return await Promise.race([work, timeout.promise]);
  } finally {
    done();
  }
}

/** The event that records what happened. `until`: when the next attempt comes. */
export function toEvent(
  { performed, record }: Outcome,
  step: string,
  at: number,
  until: number | undefined,
): RunEvent {
  const { variables } = record;
  const report = toReport(record);
  switch (performed.kind) {
    case "succeeded": {
      const { kind: _, ...result } = performed;
      return { type: "step-succeeded", at, step, ...result, variables, ...report };
    }
    case "opened": {
      const { opened } = performed;
      return { type: "step-opened", at, step, opened, variables, ...report };
    }
    case "waiting":
      return { type: "step-waiting", at, step, wait: performed.wait, ...report };
    case "failed": {
      const again = until === undefined ? {} : { until };
      return { type: "step-failed", at, step, error: performed.error, ...again, ...report };
    }
    default:
      return performed satisfies never;
  }
}

/** The event that records how a step ended whose frames are done. */
export function toFinished(
  { step, how }: { readonly step: string; readonly how: FinishedScope },
  at: number,
): RunEvent {
  const report = { logs: [], effects: [] };
  if ("error" in how) {
    const { details: _, ...error } = how.error;
    return { type: "step-failed", at, step, error, ...report };
  }
  const { output, port = "next", raise } = how;
  try {
    const result = { output: toJson(step, output), port, ...(raise ? { raise } : {}) };
    return { type: "step-succeeded", at, step, ...result, variables: {}, ...report };
  } catch (error) {
    // What its frames made is too large together; they are done, so this is how the step ends.
    return toFinished({ step, how: { error: serializeError(error) } }, at);
  }
}
