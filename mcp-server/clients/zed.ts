import { defineClient, pastedCredential, toJson } from "../client.ts";

export const zed = defineClient({
  name: "zed",
  title: "Zed",
  file: ".zed/settings.json in the project, or Zed's settings.json",
  format: "json",
  config: ({ name, url }) =>
    toJson({
      context_servers: {
        [name]: {
          source: "custom",
          type: "http",
          url,
          headers: { Authorization: pastedCredential },
        },
      },
    }),
  notes: ["Zed reads no variables here; the settings file holds the token, so keep it private."],
});
