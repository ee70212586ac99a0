import { defineClient } from "../client.ts";

export const goose = defineClient({
  name: "goose",
  title: "Goose",
  file: "~/.config/goose/config.yaml",
  format: "yaml",
  config: ({ name, url, variable }) =>
    [
      "extensions:",
      `  ${name}:`,
      `    name: ${name}`,
      "    description: ''",
      "    type: streamable_http",
      `    uri: ${url}`,
      "    headers:",
      `      Authorization: Bearer \${${variable}}`,
      // Goose fills in no variable that is not named here.
      `    env_keys: [${variable}]`,
      "    enabled: true",
      "    timeout: 300",
      "",
    ].join("\n"),
});
