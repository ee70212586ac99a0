import { defineClient, toJson } from "../client.ts";

export const cline = defineClient({
  name: "cline",
  title: "Cline",
  file: "cline_mcp_settings.json",
  format: "json",
  config: ({ name, url }) =>
    toJson({
      mcpServers: {
        [name]: {
          type: "streamableHttp",
          url,
          headers: { Authorization: "Bearer <paste the key or token here>" },
          disabled: false,
        },
      },
    }),
  notes: ["Cline reads no variables here; the settings file holds the token, so keep it private."],
});
