import { InputError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import { claudeCodeLine } from "#edge/claude-code-line";
import { workspaceStub } from "#edge/gateway/directory";
import type { WorkspaceIdentity } from "#edge/gateway/workspace-api";
import { findAccount } from "#edge/identity/accounts";
import type { View } from "./layout.tsx";
import { Facts, ProblemNote, timeLeft } from "./parts.tsx";
import type { TicketPage, Visit } from "./ticket-page.ts";

/** The holder of a new account sees its key, once. */
export const claimKey: TicketPage<"claim-key"> = {
  async show(visit, problem) {
    const { name } = visit.ticket.payload;
    const asker = await askerOf(visit);
    return {
      title: "Your account key",
      json: { purpose: "claim-key", from: asker, account: name },
      body: (
        <Offer
          title="Your account key"
          text="An account was made for you. With its key, your agent builds in your name."
          rows={[
            ["Account", name],
            ["Made by", asker === name ? undefined : asker],
          ]}
          button="Show the key"
          left={timeLeft(visit.ticket.expiresAt - visit.services.now())}
          problem={problem}
        />
      ),
    };
  },
  act({ services, ticket }) {
    const { name, key } = ticket.payload;
    const url = `${services.baseUrl}/mcp`;
    return Promise.resolve(
      reveal({
        title: "Your account key",
        credential: key,
        server: "aerostack",
        url,
        json: { account: name, key, url },
      }),
    );
  },
};

/** A member sees their workspace token, once. */
export const claimToken: TicketPage<"claim-token"> = {
  async show(visit, problem) {
    const { member, role, expiresAt } = visit.ticket.payload;
    const workspace = await workspaceOf(visit);
    const asker = await askerOf(visit);
    const until = expiresAt === undefined ? undefined : new Date(expiresAt).toUTCString();
    return {
      title: `Your token for ${workspace.name}`,
      json: { purpose: "claim-token", from: asker, workspace: workspace.slug, member, role },
      body: (
        <Offer
          title={`Your token for ${workspace.name}`}
          text={`The account ${asker} gives you access to a workspace. The token is yours alone.`}
          rows={[
            ["Workspace", `${workspace.name} (${workspace.slug})`],
            ["For", member],
            ["Role", role],
            ["Valid until", until],
          ]}
          button="Show the token"
          left={timeLeft(visit.ticket.expiresAt - visit.services.now())}
          problem={problem}
        />
      ),
    };
  },
  async act(visit) {
    const { token, member, role } = visit.ticket.payload;
    const { slug, name } = await workspaceOf(visit);
    const url = `${visit.services.baseUrl}/ws/${slug}`;
    const json = { workspace: slug, member, role, token, url };
    return reveal({ title: `Your token for ${name}`, credential: token, server: slug, url, json });
  },
};

async function askerOf({
  services,
  ticket,
}: Visit<"claim-key"> | Visit<"claim-token">): Promise<string> {
  return (await findAccount(services, ticket.accountId))?.name ?? "(deleted)";
}

async function workspaceOf({ services, ticket }: Visit<"claim-token">): Promise<WorkspaceIdentity> {
  if (ticket.workspaceId === undefined) {
    throw new InputError("ticket.gone", "This token's workspace is gone.", { status: 410 });
  }
  return unwrap(await workspaceStub(services.env, ticket.workspaceId).describe());
}

function Offer(props: {
  title: string;
  text: string;
  rows: readonly (readonly [string, string | undefined])[];
  button: string;
  left: string;
  problem: Parameters<typeof ProblemNote>[0]["problem"];
}) {
  return (
    <>
      <h1>{props.title}</h1>
      <p>{props.text}</p>
      <Facts rows={props.rows} />
      <form method="post">
        <ProblemNote id="problem" problem={props.problem} />
        <button type="submit">{props.button}</button>
      </form>
      <p class="hint">
        It is shown once, to whoever presses first. Have a safe place for it at hand; this link
        works for another {props.left}.
      </p>
    </>
  );
}

function reveal(shown: {
  title: string;
  credential: string;
  /** Name of the server in the client's configuration. */
  server: string;
  url: string;
  json: Record<string, unknown>;
}): View {
  const { title, credential, server, url, json } = shown;
  const line = claudeCodeLine({ name: server, url, credential });
  return {
    title,
    json,
    body: (
      <>
        <h1>{title}</h1>
        <p>Copy it now, and keep it like a password: it is not shown again.</p>
        <code class="copy">{credential}</code>
        <h2>Use it</h2>
        <p>In Claude Code, one line in the terminal:</p>
        <code class="copy">{line}</code>
        <p class="soft small">
          Any other MCP client: the address <code>{url}</code>, with the header{" "}
          <code>Authorization: Bearer</code> and what you copied.
        </p>
      </>
    ),
  };
}
