import { InputError } from "#blueprints/error";
import { toJson } from "./json-value.ts";
import { runLimits } from "./limits.ts";
import type { StepInvocation, StepRecord } from "./step-invocation.ts";

interface ChildStart {
  readonly workflow: string;
  readonly input: unknown;
  /** It must be one. */
  readonly bot?: true;
  /** It outlives the step, which does not hear of its end. */
  readonly detached?: true;
}

/**
 * Starts the run of another workflow for a step, or joins the one that the step started before. The
 * child tells the step how it ended by the signal `child`.
 */
export async function startChild(
  { program, step, outside, now, record }: StepInvocation,
  { effects }: StepRecord,
  { workflow, input, bot, detached }: ChildStart,
): Promise<{ id: string }> {
  const { run } = program;
  const callers = [...(run.parent?.callers ?? []), run.name];
  if (callers.includes(workflow)) {
    throw new InputError(
      "run.calls-itself",
      `The workflow "${workflow}" is already being run by this one: ${callers.join(" -> ")}.`,
      { fix: "Let it end before it is started again, e.g. with a `loop` node.", status: 409 },
    );
  }
  if (callers.length > runLimits.depth) {
    throw new InputError(
      "run.too-deep",
      `Workflows call each other ${callers.length} deep; ${runLimits.depth} are allowed.`,
      { fix: "Do more in one workflow.", status: 409 },
    );
  }
  const child = {
    workflow,
    input: toJson(step.path, input),
    trigger: bot ? "bot" : "workflow",
    parent: { runId: run.id, step: step.path, callers, ...(detached ? { detached } : {}) },
  } as const;
  const known = [...step.children].find(([, one]) => one.workflow === workflow)?.[0];
  const id = known ?? (await outside.childId(child));
  // Written before it starts: whoever cancels this run finds the other one.
  if (known === undefined) {
    const started = { type: "child-started", step: step.path, run: id, workflow } as const;
    record({ ...started, at: now(), ...(detached ? { detached } : {}) }, true);
    const body = run.mode === "test" ? { body: child.input } : {};
    effects.push({ kind: "run", target: `${workflow} ${id}`, ...body });
  }
  await outside.startChild(id, child);
  return { id };
}
