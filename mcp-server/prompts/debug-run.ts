import { definePrompt } from "../prompt.ts";

export const debugRun = definePrompt({
  name: "debug_run",
  title: "Find out why a run failed",
  description: "Reads the trace, explains the cause, proposes the fix.",
  arguments: [{ name: "run_id", description: "The run, `run_...`.", required: true }],
  text: ({ run_id }) =>
    `Read the trace of ${run_id} with get_run. Tell me which step failed, with which input, and why. If the blueprint must change, get the resource, propose the change, and after my yes create and deploy a new version and control_run retry.`,
});
