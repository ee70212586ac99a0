import { defineClient } from "../client.ts";

export const grokBuild = defineClient({
  name: "grok-build",
  title: "Grok Build",
  file: ".grok/config.toml in the project, or ~/.grok/config.toml",
  format: "toml",
  config: ({ name, url, variable }) =>
    [
      `[mcp_servers.${name}]`,
      `url = "${url}"`,
      "",
      `  [mcp_servers.${name}.headers]`,
      `  Authorization = "Bearer \${${variable}}"`,
      "",
    ].join("\n"),
});
