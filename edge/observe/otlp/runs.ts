import { createHash } from "node:crypto";
import type { RunTrace, StepTrace, SubstepTrace } from "#edge/workflow/run-api";
import type { Attributes, Span } from "./encode.ts";

/**
 * An ended run as one trace, as the GenAI conventions of OpenTelemetry name things: the run, its steps
 * in it, their recorded sub-steps in those. Never inputs or outputs. The ids come from the run's own,
 * so that a run that is told twice is the same trace.
 */
export function spansOfRun(run: RunTrace): Span[] {
  const { id, workflow, version, trigger, startedAt, endedAt = startedAt, error } = run;
  const traceId = digest(id, 32);
  const root: Span = {
    traceId,
    spanId: digest(`${id} run`, 16),
    name: `invoke_workflow ${workflow}`,
    kind: "internal",
    startedAt,
    endedAt,
    attributes: {
      "gen_ai.operation.name": "invoke_workflow",
      "gen_ai.workflow.name": workflow,
      "aerostack.run.id": id,
      "aerostack.run.status": run.status,
      "aerostack.workflow.version": version,
      "aerostack.trigger": trigger,
    },
    ...(error ? { error: error.code } : {}),
  };
  return [root, ...run.steps.flatMap((step) => spansOfStep(step, { ...root, runEnd: endedAt }))];
}

interface Above {
  readonly traceId: string;
  readonly spanId: string;
  /** Of what was under way when the run ended. */
  readonly runEnd: number;
}

function spansOfStep(step: StepTrace, above: Above): Span[] {
  const span = childOf(above, step.id, step);
  const own: Span = {
    ...span,
    name: `${step.type} ${step.node}`,
    attributes: {
      ...operationOf(step),
      ...usageOf(step),
      "aerostack.step.id": step.id,
      "aerostack.node.type": step.type,
      "aerostack.step.status": step.status,
      "aerostack.step.attempts": step.attempts,
      "aerostack.step.port": step.port,
    },
  };
  const below = (step.substeps ?? []).map((substep) => {
    const attributes = { ...usageOf(substep), "aerostack.step.attempts": substep.attempts };
    const within = { ...above, spanId: span.spanId };
    return { ...childOf(within, `${step.id} ${substep.name}`, substep), attributes };
  });
  return [own, ...below];
}

function childOf(
  { traceId, spanId, runEnd }: Above,
  name: string,
  { startedAt, endedAt, error }: Pick<StepTrace, "startedAt" | "endedAt" | "error">,
): Span {
  return {
    traceId,
    spanId: digest(`${traceId} ${name}`, 16),
    parentSpanId: spanId,
    name,
    kind: "internal",
    startedAt,
    endedAt: endedAt ?? runEnd,
    attributes: {},
    ...(error ? { error: error.code } : {}),
  };
}

/** Where the conventions have a name for what the step did outside. */
function operationOf({ effects, models }: StepTrace): Attributes {
  if (models?.[0]) return { "gen_ai.operation.name": "chat" };
  const called = effects.find(({ kind }) => kind === "tool" || kind === "function");
  if (!called) return {};
  return { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": called.target };
}

function usageOf({ models = [] }: Pick<SubstepTrace, "models">): Attributes {
  if (models.length === 0) return {};
  const sum = (of: (model: (typeof models)[number]) => number | undefined) =>
    models.reduce((total, model) => total + (of(model) ?? 0), 0);
  return {
    "gen_ai.request.model": models[0]?.model,
    "gen_ai.usage.input_tokens": sum(({ inputTokens }) => inputTokens),
    "gen_ai.usage.output_tokens": sum(({ outputTokens }) => outputTokens),
  };
}

function digest(text: string, digits: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, digits);
}
