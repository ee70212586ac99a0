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

const toQuery = (value: unknown) => encodeURIComponent(JSON.stringify(value));

export const vsCode = defineClient({
  name: "vs-code",
  title: "VS Code",
  file: ".vscode/mcp.json in the project",
  format: "json",
  config: (server) => toJson({ servers: { [server.name]: entry(server) }, inputs: inputs(server) }),
  installLink: (server) =>
    `vscode:mcp/install?${toQuery({ name: server.name, ...entry(server), inputs: inputs(server) })}`,
  webInstallLink: (server) =>
    `https://insiders.vscode.dev/redirect/mcp/install?name=${encodeURIComponent(server.name)}&config=${toQuery(entry(server))}&inputs=${toQuery(inputs(server))}`,
  notes: ["VS Code asks for the token once and keeps it in its secret storage."],
});
