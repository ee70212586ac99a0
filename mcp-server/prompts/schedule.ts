import { definePrompt } from "../prompt.ts";

export const schedule = definePrompt({
  name: "schedule",
  title: "A job that runs on time",
  description: "A workflow started by a schedule.",
  arguments: [
    { name: "job", description: "E.g. send the open incidents to Slack.", required: true },
    { name: "when", description: "E.g. every weekday at 9 in Berlin.", required: true },
  ],
  text: ({ job, when }) =>
    `Plan a scheduled workflow: ${job}, ${when}. Confirm the cron line and time zone with me, then scaffold, create, deploy, and invoke it once so that we see that it works.`,
});
