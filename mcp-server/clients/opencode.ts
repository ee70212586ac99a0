import { defineClient, toJson } from "../client.ts";

export const opencode = defineClient({
  name: "opencode",
  title: "OpenCode",
  file: "opencode.jsonc in the project, or ~/.config/opencode/opencode.jsonc",
  format: "json",
  config: ({ name, url, variable }) =>
    toJson({
      mcp: {
        [name]: {
          type: "remote",
          url,
          headers: { Authorization: `Bearer {env:${variable}}` },
          enabled: true,
        },
      },
    }),
});
