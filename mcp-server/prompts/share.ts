import { definePrompt } from "../prompt.ts";

export const share = definePrompt({
  name: "share",
  title: "Publish a function",
  description: "Makes a deployed function installable by others.",
  arguments: [
    { name: "workspace", description: "Slug of the workspace.", required: true },
    { name: "function", description: "Name of the function.", required: true },
  ],
  text: ({ workspace, function: name }) =>
    `Read the function "${name}" of workspace "${workspace}" with get, write a short readme with one example, and publish it as the next version under my account's name. Tell me how others install it.`,
});
