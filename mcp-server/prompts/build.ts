import { definePrompt } from "../prompt.ts";

export const build = definePrompt({
  name: "build",
  title: "Build something and run it",
  description: "From words to a deployed, called result.",
  arguments: [
    { name: "intent", description: "What it should do, in your words.", required: true },
    { name: "workspace", description: "Slug of the workspace; made if absent.", required: false },
  ],
  text: ({ intent, workspace }) =>
    `Build this with the Aerostack tools: ${intent}

Call plan with the intent${workspace ? ` and workspace "${workspace}"` : ""}, show me the summary and ask me its questions. Then scaffold, create${workspace ? ` in "${workspace}"` : ""}, and give me every enter_url so that I can type the secrets myself. When I say they are in, deploy, call what is live once with a realistic input, and show me the result and the trace.`,
});
