import type { ClientGuide, GuidedServer } from "#edge/client-guide";
import { copyScript } from "./copy-script.ts";
import type { View } from "./layout.tsx";
import { Copyable } from "./parts.tsx";

/** What was claimed: the credential, shown this once, and how each client is told about it. */
export function reveal(claimed: {
  readonly title: string;
  readonly credential: string;
  readonly server: GuidedServer;
  readonly clients: readonly ClientGuide[];
  /** The client that the person chose; the others stay folded. */
  readonly chosen: ClientGuide | undefined;
  /** For a program that claims. */
  readonly json: Record<string, unknown>;
}): View {
  const { title, credential, server, clients, chosen, json } = claimed;
  return {
    title,
    json: { ...json, url: server.url, ...(chosen ? { client: toWire(chosen) } : {}) },
    script: { text: copyScript },
    body: (
      <>
        <h1>{title}</h1>
        <p>Copy it now, and keep it like a password: it is not shown again.</p>
        <Copyable id="credential" what="it" text={credential} />
        <h2>Where your client reads it</h2>
        <p>
          Most clients read it from the environment variable <code>{server.variable}</code>. In a
          terminal:
        </p>
        <Copyable
          id="variable"
          what="the line"
          text={`export ${server.variable}='${credential}'`}
        />
        <p class="soft small">
          On Windows: <code>setx {server.variable}</code> and what you copied.
        </p>
        <h2>Add the server to your client</h2>
        {clients.map((client) => (
          <Guide client={client} isOpen={client === chosen} />
        ))}
        <p class="soft small after">
          Any other MCP client: the address <code>{server.url}</code>, with the header{" "}
          <code>Authorization: Bearer</code> and what you copied. One that takes nothing but an
          address: <code>{server.url}/oauth</code>, where you sign in with it.
        </p>
      </>
    ),
  };
}

/** Folded without a script; the shared name keeps one of them open. */
function Guide({ client, isOpen }: { client: ClientGuide; isOpen: boolean }) {
  const { name, title, installLink, command, file, config, notes } = client;
  const others = installLink !== undefined || command !== undefined;
  return (
    <details name="client" open={isOpen}>
      <summary>{title}</summary>
      {installLink ? (
        <p>
          <a class="button" href={installLink}>
            Add to {title}
          </a>
        </p>
      ) : null}
      {command ? (
        <>
          <p>One line in the terminal:</p>
          <Copyable id={`${name}-command`} what="the command" text={command} />
        </>
      ) : null}
      <p>
        {others ? "Or by hand, in" : "In"} {file}:
      </p>
      <Copyable id={`${name}-config`} what="the configuration" text={config} />
      {notes.map((note) => (
        <p class="soft small">{note}</p>
      ))}
    </details>
  );
}

function toWire({ installLink, ...client }: ClientGuide): Record<string, unknown> {
  return { ...client, ...(installLink ? { install_link: installLink } : {}) };
}
