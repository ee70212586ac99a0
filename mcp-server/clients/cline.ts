import { defineClient, pastedCredential, toJson } from "../client.ts";

export const cline = defineClient({
  name: "cline",
  title: "Cline",
  file: "cline_mcp_settings.json of the VS Code extension, or ~/.cline/data/settings/cline_mcp_settings.json for the CLI",
  format: "json",
  config: ({ name, url }) =>
    toJson({
      mcpServers: {
        [name]: {
          url,
          type: "streamableHttp",
          disabled: false,
          headers: { Authorization: pastedCredential },
        },
      },
    }),
  notes: ["Cline reads no variables here; the settings file holds the token, so keep it private."],
});
