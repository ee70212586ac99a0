import { defineClient, toJson } from "../client.ts";

export const kiro = defineClient({
  name: "kiro",
  title: "Kiro",
  file: ".kiro/settings/mcp.json",
  format: "json",
  config: ({ name, url, variable }) =>
    toJson({
      mcpServers: { [name]: { url, headers: { Authorization: `Bearer \${${variable}}` } } },
    }),
});
