import { defineClient, pastedCredential, toJson } from "../client.ts";

export const mastracode = defineClient({
  name: "mastracode",
  title: "Mastra Code",
  file: ".mastracode/mcp.json in the project, or ~/.mastracode/mcp.json",
  format: "json",
  config: ({ name, url }) =>
    toJson({ mcpServers: { [name]: { url, headers: { Authorization: pastedCredential } } } }),
  notes: ["Mastra Code reads no variables here; the file holds the token, so keep it private."],
});
