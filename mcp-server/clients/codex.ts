import { defineClient } from "../client.ts";

export const codex = defineClient({
  name: "codex",
  title: "Codex",
  file: ".codex/config.toml in the project, or ~/.codex/config.toml",
  format: "toml",
  config: ({ name, url, variable }) =>
    `[mcp_servers.${name}]\ntype = "http"\nurl = "${url}"\nbearer_token_env_var = "${variable}"\n`,
  command: ({ name, url, variable }) =>
    `codex mcp add ${name} --url ${url} --bearer-token-env-var ${variable}`,
});
