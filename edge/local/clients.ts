import { claudeCodeLine } from "#edge/claude-code-line";

/** The exact lines that add a running server to a client; the key itself is never printed. */
export function clientLines(url: string, keyFile: string): string {
  const endpoint = `${url}/mcp`;
  const cursor = {
    mcpServers: {
      aerostack: { url: endpoint, headers: { Authorization: "Bearer ${env:AEROSTACK_KEY}" } },
    },
  };
  const code = {
    name: "aerostack",
    type: "http",
    url: endpoint,
    headers: { Authorization: "Bearer $(cat KEY)" },
  };
  const key = shellWord(keyFile);
  const vsCode = JSON.stringify(code)
    .replaceAll('"', '\\"')
    .replace("KEY", key.replaceAll('"', '\\"'));
  return [
    "Claude Code:",
    `  ${claudeCodeLine({ name: "aerostack", url: endpoint, credential: `$(cat ${key})` })}`,
    "Cursor (~/.cursor/mcp.json; start it with the key in AEROSTACK_KEY):",
    `  ${JSON.stringify(cursor)}`,
    "VS Code:",
    `  code --add-mcp "${vsCode}"`,
  ].join("\n");
}

/** As one word of a shell line, inside double quotes or not. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
