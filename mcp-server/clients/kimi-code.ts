import { defineClient, toJson } from "../client.ts";

export const kimiCode = defineClient({
  name: "kimi-code",
  title: "Kimi Code",
  file: ".kimi-code/mcp.json in the project, or ~/.kimi-code/mcp.json",
  format: "json",
  config: ({ name, url, variable }) =>
    toJson({ mcpServers: { [name]: { transport: "http", url, bearerTokenEnvVar: variable } } }),
});
