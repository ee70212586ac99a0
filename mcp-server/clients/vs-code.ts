import { defineClient, toJson } from "../client.ts";
import type { ServerAddress } from "../client.ts";

const inputId = (name: string) => `${name}-token`;

const entry = ({ name, url }: ServerAddress) => ({
  type: "http",
  url,
  headers: { Authorization: `Bearer \${input:${inputId(name)}}` },
});

const inputs = ({ name }: ServerAddress) => [
  {
    type: "promptString",
    id: inputId(name),
    description: `Key or token for ${name}`,
    password: true,
  },
];

export const vsCode = defineClient({
  name: "vs-code",
  title: "VS Code",
  file: ".vscode/mcp.json",
  format: "json",
  config: (server) => toJson({ servers: { [server.name]: entry(server) }, inputs: inputs(server) }),
  installLink: (server) =>
    `vscode:mcp/install?${encodeURIComponent(JSON.stringify({ name: server.name, ...entry(server), inputs: inputs(server) }))}`,
  notes: ["VS Code asks for the token once and keeps it in its secret storage."],
});
