import { defineClient, toJson } from "../client.ts";

export const fx = defineClient({
  name: "fx",
  title: "fx",
  file: "~/.fx/mcp.json",
  format: "json",
  config: ({ name, url, variable }) =>
    toJson({
      mcp: { [name]: { type: "http", url, enabled: true, bearer_token_env: variable } },
    }),
});
