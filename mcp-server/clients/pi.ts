import { defineClient, toJson } from "../client.ts";

export const pi = defineClient({
  name: "pi",
  title: "Pi",
  file: ".pi/mcp.json in the project, or ~/.pi/agent/mcp.json",
  format: "json",
  config: ({ name, url, variable }) =>
    toJson({
      mcpServers: { [name]: { url, headers: { Authorization: `Bearer \${${variable}}` } } },
    }),
  notes: ["Pi reaches MCP servers through its package pi-mcp-adapter."],
});
