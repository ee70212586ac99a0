import { defineClient, toJson } from "../client.ts";

export const kiloCode = defineClient({
  name: "kilo-code",
  title: "Kilo Code",
  file: "kilo.json in the project, or ~/.config/kilo/kilo.json",
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
