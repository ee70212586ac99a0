import { ConfigurationError, InputError, UpstreamError } from "#blueprints/error";
import type { Effect, KnownEffects, NodeDefinition } from "#blueprints/node";
import type { WorkflowNode } from "#blueprints/blueprint";
import type { SerializedError } from "#blueprints/outcome";
import { render } from "#blueprints/template";
import { classify } from "./classify.ts";
import { createContext } from "./context.ts";
import type { FinishedScope } from "./decide.ts";
import type { RunEvent, StepWait } from "./history.ts";
import { toJson } from "./json-value.ts";
import { runLimits } from "./limits.ts";
import { type StepInvocation, type StepRecord, toReport } from "./step-invocation.ts";

/** A step that is about to run: its config rendered and checked, its effect known. */
export interface PreparedStep {
  readonly definition: NodeDefinition;
  readonly config: unknown;
  readonly effect: Effect;
  /** Hosts that the config writes out, before templates: data cannot add one. */
  hosts(): readonly string[];
}

/** What a config is rendered with. */
export interface Preparation {
  readonly scope: () => Readonly<Record<string, unknown>>;
  /** The config that the step began with. */
  readonly rendered?: unknown;
  readonly known: KnownEffects;
}

/** @throws InputError where a template fails or the rendered config does not fit the node type */
export function prepareStep(
  definition: NodeDefinition,
  node: WorkflowNode,
  { scope, rendered, known }: Preparation,
): PreparedStep {
  const parsed = definition.config.safeParse(rendered ?? renderConfig(definition, node, scope()));
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
    hosts: () => hostsOf(definition, node.config),
  };
}

function hostsOf(definition: NodeDefinition, config: unknown): readonly string[] {
  const written = definition.config.safeParse(config);
  try {
    // With a template in the place of a number or time it is read as it stands.
    return definition.requires?.(written.success ? written.data : config).hosts ?? [];
  } catch {
    return [];
  }
}

function renderConfig(
  definition: NodeDefinition,
  node: WorkflowNode,
  scope: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(node.config).map(([field, value]) => [
      field,
      definition.verbatim?.includes(field) ? value : render(value, scope),
    ]),
  );
}

/** @throws ConfigurationError for a type that does not exist, or not any more */
export function definitionOf(known: NodeDefinition | undefined, type: string): NodeDefinition {
  if (known) return known;
  throw new ConfigurationError("step.unknown-type", `No node type "${type}".`, {
    fix: "Use one of aerostack://node-types.",
  });
}

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

/** Runs one attempt. Never throws; what happened is the answer. */
export async function performStep(
  step: PreparedStep,
  invocation: Omit<StepInvocation, "signal" | "hosts">,
  cancel: AbortController,
): Promise<Outcome> {
  const { context, record, substeps } = createContext({
    ...invocation,
    hosts: () => step.hosts(),
    signal: cancel.signal,
  });
  const { node } = invocation;
  const { definition, config } = step;
  const limit = node.timeout_ms ?? definition.timeoutMs?.(config) ?? runLimits.stepMs;
  try {
    const performed = Promise.race([
      definition.run(context, config).then((result) => toPerformed(node.id, result)),
      substeps.suspended.then((suspension): Performed => ({ kind: "failed", ...suspension })),
    ]);
    return { performed: await withTimeout(performed, limit, cancel), record };
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
  const result = { output: toJson(step, output), port, ...(raise ? { raise } : {}) };
  return { type: "step-succeeded", at, step, ...result, variables: {}, ...report };
}
