import { definePrompt } from "../prompt.ts";

export const endpoint = definePrompt({
  name: "endpoint",
  title: "An API that does a job",
  description: "A JSON endpoint backed by a workflow, with tests.",
  arguments: [
    {
      name: "job",
      description: "E.g. score inbound leads and notify sales in Slack.",
      required: true,
    },
  ],
  text: ({ job }) =>
    `Plan, scaffold, create and deploy an agent endpoint that does this: ${job}. Give me the secret links when they come, then POST an example to the endpoint and show me the answer, the trace and the curl line that calls it.`,
});
