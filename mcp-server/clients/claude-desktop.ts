import { defineClient, toJson } from "../client.ts";

export const claudeDesktop = defineClient({
  name: "claude-desktop",
  title: "Claude Desktop",
  file: "claude_desktop_config.json (Settings > Developer > Edit Config)",
  format: "json",
  config: ({ name, url, variable }) =>
    toJson({
      mcpServers: {
        [name]: {
          command: "npx",
          args: ["-y", "mcp-remote", url, "--header", "Authorization:${AUTH_HEADER}"],
          env: { AUTH_HEADER: `Bearer <value of ${variable}>` },
        },
      },
    }),
  notes: ["Claude Desktop reaches remote servers through the mcp-remote bridge (needs Node)."],
});
