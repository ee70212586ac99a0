import { defineClient, toJson } from "../client.ts";

export const windsurf = defineClient({
  name: "windsurf",
  title: "Windsurf",
  file: "~/.codeium/windsurf/mcp_config.json",
  format: "json",
  config: ({ name, url, variable }) =>
    toJson({
      mcpServers: {
        [name]: { serverUrl: url, headers: { Authorization: `Bearer \${env:${variable}}` } },
      },
    }),
});
