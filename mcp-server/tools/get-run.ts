import { z } from "zod";
import { counted } from "../counted.ts";
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
    const why = failed ? `; step "${failed.id}" failed: ${failed.error?.message ?? ""}` : "";
    return {
      data: run,
      summary: `${run.workflow} version ${run.version} is ${run.status} after ${counted(run.steps.length, "step")}${why.replace(/\.$/, "")}. A person sees it at ${run.url}.`,
      ...nextOf(run),
    };
  },
});

function nextOf(run: ReturnType<typeof toWireRun>): { next?: string } {
  const { status, steps, workspace, started_by: starter } = run;
  if (status !== "running" && status !== "waiting") return {};
  const asked = steps.find(({ wait }) => wait?.reviewers !== undefined);
  if (!asked?.wait)
    return { next: "Read it again later; control_run can answer a waiting step or cancel." };
  const { reviewers = [], link, until_at: until } = asked.wait;
  const who = reviewers.join(", ") || "the owner, admins and developers";
  const not = starter === undefined ? "" : `, never ${starter}, who started it`;
  const time = until === undefined ? "" : ` until ${until}`;
  const where = link === undefined ? "" : ` at ${link}, or`;
  return {
    next: `Step "${asked.id}" waits${time} for a person's decision: ${who} may decide${not}. They do it${where} with waiting_reviews and decide_review of /ws/${workspace}; control_run only where you are one of them. Read the run again afterwards.`,
  };
}
