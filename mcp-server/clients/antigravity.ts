import { defineClient, pastedCredential, toJson } from "../client.ts";

export const antigravity = defineClient({
  name: "antigravity",
  title: "Antigravity",
  file: "~/.gemini/config/mcp_config.json",
  format: "json",
  config: ({ name, url }) =>
    toJson({
      mcpServers: { [name]: { serverUrl: url, headers: { Authorization: pastedCredential } } },
    }),
  notes: ["Antigravity reads no variables here; the file holds the token, so keep it private."],
});
