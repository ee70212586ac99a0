import { z } from "zod";
import { UpstreamError } from "#blueprints/error";
import { defineNode, type NodeResult, type NodeWait } from "#blueprints/node";
import type { ChildResult, NodeContext } from "#blueprints/node-context";
import { awaitChild } from "./support/child-run.ts";

const config = z
  .strictObject({
    function: z
      .string()
      .min(1)
      .optional()
      .describe("Function or skill of the workspace by name, or `@user/name@1.2.3`."),
    workflow: z
      .string()
      .min(1)
      .max(40)
      .optional()
      .describe("Workflow of the workspace to run instead; the step waits until it ends."),
    input: z
      .unknown()
      .optional()
      .describe("Its input, with templates; absent: the run's own input."),
  })
  .refine(
    (wanted) => (wanted.function === undefined) !== (wanted.workflow === undefined),
    "give exactly one of `function` and `workflow`",
  );

function failed(workflow: string, result: ChildResult | undefined): UpstreamError {
  const { id = "", status = "late", error } = { ...result };
  return new UpstreamError(
    "workflow.failed",
    `The run ${id} of "${workflow}" is ${status}${error ? `: ${error.code}: ${error.message}` : ""}.`,
    { fix: `Look at it with get_run ${id}.` },
  );
}

/** The run of another workflow: started once, waited for, and its output handed on. */
async function callWorkflow(
  context: NodeContext,
  workflow: string,
  input: unknown,
): Promise<NodeResult<unknown> | NodeWait> {
  const awaited = await awaitChild(context, () => context.startRun(workflow, input));
  if ("wait" in awaited) return awaited;
  const { result } = awaited;
  if (result?.status === "succeeded") return { output: result.output ?? null };
  throw failed(workflow, result);
}

/** A function or skill, pinned with the run, in an isolate of its own; or another workflow. */
export const callFunction = defineNode({
  type: "call_function",
  title: "Call a function",
  summary: "Runs a function or skill of the workspace or the marketplace, or another workflow.",
  description:
    "`function` names a function of the blueprint or workspace, or an entry of the marketplace " +
    "(`@user/name@1.2.3`). `input` is checked against the function's input schema; without it the " +
    "run's input is handed over. The output is exactly what the function returned, e.g. " +
    "`steps.score.output.score`. Code runs in an isolate with the hosts and secrets of the function. With " +
    "`workflow` instead, that workflow runs as a run of its own, in the version that is live then; the step " +
    "waits, its output is the run's output, and it is cancelled with this run. Workflows call each other " +
    "at most 8 deep and never in a circle.",
  config,
  output: z.unknown().describe("What the function returned."),
  ports: () => ["next"],
  // Starting a run twice joins it.
  effect: (wanted, known) =>
    wanted.function === undefined
      ? "idempotent"
      : (known?.functionEffect(wanted.function) ?? "external"),
  requires: (wanted) => ({
    functions: wanted.function === undefined ? [] : [wanted.function],
    workflows: wanted.workflow === undefined ? [] : [wanted.workflow],
  }),
  examples: [
    {
      title: "Score the lead that came in",
      config: { function: "double", input: { value: "{{ input.value }}" } },
      input: { value: 21 },
      expect: { port: "next", output: 42 },
    },
  ],
  async run(context, wanted) {
    const input = wanted.input === undefined ? context.scope["input"] : wanted.input;
    if (wanted.workflow !== undefined) return callWorkflow(context, wanted.workflow, input);
    const { output, logs } = await context.callFunction(wanted.function ?? "", input);
    for (const line of logs) context.log(line);
    return { output };
  },
});
