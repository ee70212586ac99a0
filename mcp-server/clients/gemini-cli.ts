import { defineClient, toJson } from "../client.ts";

export const geminiCli = defineClient({
  name: "gemini-cli",
  title: "Gemini CLI",
  file: ".gemini/settings.json in the project, or ~/.gemini/settings.json",
  format: "json",
  config: ({ name, url, variable }) =>
    toJson({
      mcpServers: {
        [name]: { type: "http", url, headers: { Authorization: `Bearer $${variable}` } },
      },
    }),
  command: ({ name, url, variable }) =>
    `gemini mcp add --transport http --header "Authorization: Bearer $${variable}" ${name} ${url}`,
});
