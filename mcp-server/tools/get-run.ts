import { z } from "zod";
import { readOwnRun, toWireRun } from "../run-access.ts";
import { defineTool } from "../tool.ts";

export const getRun = defineTool({
  name: "get_run",
  title: "Read a run's trace",
  description:
    "What a workflow run did: status, result or error, `url` of its page, every step with input, output, port, attempts, timing, logs and outside calls.",
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({ run_id: z.string().max(64) }),
  output: z.object({
    run_id: z.string(),
    url: z.string(),
    workspace: z.string(),
    workflow: z.string(),
    version: z.number(),
    status: z.string(),
    started_at: z.string(),
    duration_ms: z.number().optional(),
    steps: z.array(
      z.looseObject({
        id: z.string(),
        type: z.string(),
        status: z.string(),
      }),
    ),
    diagram: z.string().describe("Mermaid, the taken path marked."),
  }),
  async run(context, { run_id: id }) {
    const run = toWireRun(context, await readOwnRun(context, id));
    const failed = run.steps.find((step) => step.status === "failed");
    return {
      data: run,
      summary: `${run.workflow} version ${run.version} is ${run.status} after ${run.steps.length} steps${failed ? `; step "${failed.id}" failed: ${failed.error?.message ?? ""}` : ""}. A person sees it at ${run.url}.`,
      ...(run.status === "running" || run.status === "waiting"
        ? { next: "Read it again later; control_run can answer a waiting step or cancel." }
        : {}),
    };
  },
});
