import { z } from "zod";
import { view } from "../resources/view.ts";
import { readOwnRun, toWireRun } from "../run-access.ts";
import { defineTool } from "../tool.ts";

export const getRun = defineTool({
  name: "get_run",
  title: "Read a run",
  description:
    "What a run did: status, result or error, `url` of its page, each step's input, output, port, attempts, timing, logs, outside calls.",
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
  view: view.uri,
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
