import { InputError } from "#blueprints/error";
import { toJson } from "./json-value.ts";
import { runLimits } from "./limits.ts";
import type { StepInvocation, StepRecord } from "./step-invocation.ts";

/**
 * Starts the run of another workflow for a step, or joins the one that the step started before. The
 * child tells the step how it ended by the signal `child`.
 */
export async function startChild(
  { program, step, outside, now, record }: StepInvocation,
  { effects }: StepRecord,
  { workflow, input }: { workflow: string; input: unknown },
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
    parent: { runId: run.id, step: step.path, callers },
  };
  const known = [...step.children].find(([, one]) => one.workflow === workflow)?.[0];
  const id = known ?? (await outside.childId(child));
  // Written before it starts: whoever cancels this run finds the other one.
  if (known === undefined) {
    record({ type: "child-started", at: now(), step: step.path, run: id, workflow }, true);
    effects.push({ kind: "run", target: `${workflow} ${id}` });
  }
  await outside.startChild(id, child);
  return { id };
}
