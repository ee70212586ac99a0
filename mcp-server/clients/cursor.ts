import { defineClient, toJson } from "../client.ts";
import type { ServerAddress } from "../client.ts";

const entry = ({ url, variable }: ServerAddress) => ({
  url,
  headers: { Authorization: `Bearer \${env:${variable}}` },
});

const query = (server: ServerAddress) =>
  `name=${encodeURIComponent(server.name)}&config=${encodeURIComponent(btoa(JSON.stringify(entry(server))))}`;

export const cursor = defineClient({
  name: "cursor",
  title: "Cursor",
  file: ".cursor/mcp.json in the project, or ~/.cursor/mcp.json",
  format: "json",
  config: (server) => toJson({ mcpServers: { [server.name]: entry(server) } }),
  installLink: (server) => `cursor://anysphere.cursor-deeplink/mcp/install?${query(server)}`,
  webInstallLink: (server) => `https://cursor.com/en-US/install-mcp?${query(server)}`,
  notes: ["Cursor hides tools whose server name and tool name are longer than 60 together."],
});
