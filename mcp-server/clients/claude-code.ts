import { claudeCodeLine } from "#edge/claude-code-line";
import { defineClient, toJson } from "../client.ts";

export const claudeCode = defineClient({
  name: "claude-code",
  title: "Claude Code",
  file: ".mcp.json in the project, or ~/.claude.json",
  format: "json",
  config: ({ name, url, variable }) =>
    toJson({
      mcpServers: {
        [name]: { type: "http", url, headers: { Authorization: `Bearer \${${variable}}` } },
      },
    }),
  command: ({ name, url, variable }) => claudeCodeLine({ name, url, credential: `$${variable}` }),
  notes: ["Export the variable before you start Claude Code."],
});
