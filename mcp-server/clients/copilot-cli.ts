import { defineClient, toJson } from "../client.ts";

export const copilotCli = defineClient({
  name: "copilot-cli",
  title: "GitHub Copilot CLI",
  file: ".mcp.json in the project, or ~/.copilot/mcp-config.json",
  format: "json",
  config: ({ name, url, variable }) =>
    toJson({
      mcpServers: {
        [name]: { type: "http", url, headers: { Authorization: `Bearer \${${variable}}` } },
      },
    }),
  notes: ['In ~/.copilot/mcp-config.json the server needs "tools": ["*"] too.'],
});
