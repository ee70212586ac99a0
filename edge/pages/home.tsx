import { claudeCodeLine } from "#edge/claude-code-line";
import type { View } from "./layout.tsx";

/** What this server is, and how a client gets in. */
export function home(baseUrl: string): View {
  const url = `${baseUrl}/mcp`;
  const line = claudeCodeLine({ name: "aerostack", url, credential: "ak_..." });
  const configuration = JSON.stringify(
    { mcpServers: { aerostack: { url, headers: { Authorization: "Bearer ak_..." } } } },
    null,
    2,
  );
  return {
    title: "Infrastructure that agents build",
    json: { name: "aerostack", mcp: url, docs: `${baseUrl}/docs`, health: `${baseUrl}/healthz` },
    body: (
      <>
        <h1>Infrastructure that agents build</h1>
        <p>
          This server is made for your agent. It says what it wants; Aerostack plans it, builds it,
          tests it and makes it live: workspaces, workflows, functions, endpoints.
        </p>
        <h2>Claude Code</h2>
        <code class="copy">{line}</code>
        <h2>Cursor and others</h2>
        <code class="copy">{configuration}</code>
        <p class="soft small">
          Put your account key in the place of <code>ak_...</code>. The key of the first account was
          written to a file when the server first started; it says where.
        </p>
        <p class="small">
          <a href="/docs">Reference</a>
        </p>
      </>
    ),
  };
}
