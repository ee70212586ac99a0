import { defineClient, toJson } from "../client.ts";

export const kiro = defineClient({
  name: "kiro",
  title: "Kiro",
  file: ".kiro/settings/mcp.json in the project, or ~/.kiro/settings/mcp.json",
  format: "json",
  config: ({ name, url, variable }) =>
    toJson({
      mcpServers: { [name]: { url, headers: { Authorization: `Bearer \${env:${variable}}` } } },
    }),
  notes: ["Kiro fills in a variable only after you approve it, or list it among those approved."],
});
