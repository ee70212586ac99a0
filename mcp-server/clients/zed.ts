import { defineClient, toJson } from "../client.ts";

export const zed = defineClient({
  name: "zed",
  title: "Zed",
  file: "settings.json",
  format: "json",
  config: ({ name, url }) =>
    toJson({
      context_servers: {
        [name]: {
          source: "custom",
          type: "http",
          url,
          headers: { Authorization: "Bearer <paste the key or token here>" },
        },
      },
    }),
  notes: ["Zed reads no variables here; the settings file holds the token, so keep it private."],
});
