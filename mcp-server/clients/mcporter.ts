import { defineClient, toJson } from "../client.ts";

export const mcporter = defineClient({
  name: "mcporter",
  title: "MCPorter",
  file: "config/mcporter.json in the project, or ~/.mcporter/mcporter.json",
  format: "json",
  config: ({ name, url, variable }) =>
    toJson({
      mcpServers: {
        [name]: { type: "http", url, headers: { Authorization: `Bearer \${${variable}}` } },
      },
    }),
});
