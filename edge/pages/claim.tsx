import { InputError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import type { ClientGuide, GuidedServer } from "#edge/client-guide";
import { workspaceStub } from "#edge/gateway/directory";
import type { WorkspaceIdentity } from "#edge/gateway/workspace-api";
import { findAccount } from "#edge/identity/accounts";
import { assertProof, proofOf } from "#edge/identity/invitation";
import { Offer } from "./offer.tsx";
import { timeLeft } from "./parts.tsx";
import { reveal } from "./reveal.tsx";
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
          proof="none"
          clients={visit.clients(accountServer(visit))}
          button="Show the key"
          left={timeLeft(visit.ticket.expiresAt - visit.services.now())}
          problem={problem}
        />
      ),
    };
  },
  async act(visit, form) {
    const { name, key } = visit.ticket.payload;
    const server = accountServer(visit);
    const clients = visit.clients(server);
    const chosen = choose(clients, form);
    const json = { account: name, key };
    return reveal({ title: "Your account key", credential: key, server, clients, chosen, json });
  },
};

/** A member proves to be the one who was invited, and sees their workspace token, once. */
export const claimToken: TicketPage<"claim-token"> = {
  async show(visit, problem) {
    const { member, role, expiresAt } = visit.ticket.payload;
    const workspace = await readInvited(visit);
    const asker = await askerOf(visit);
    const proof = proofOf(member);
    // Who found the link by chance must not read on it what would prove that it is theirs.
    const known = proof === "email" ? {} : { member };
    return {
      title: `Your token for ${workspace.name}`,
      json: {
        purpose: "claim-token",
        from: asker,
        workspace: workspace.slug,
        role,
        ...known,
        proof,
      },
      body: (
        <Offer
          title={`Your token for ${workspace.name}`}
          text={`The account ${asker} invites you to a workspace. The token is yours alone.`}
          rows={[
            ["Workspace", `${workspace.name} (${workspace.slug})`],
            ["For", known.member],
            ["Role", role],
            [
              "Valid until",
              expiresAt === undefined ? undefined : new Date(expiresAt).toUTCString(),
            ],
          ]}
          proof={proof}
          clients={visit.clients(workspaceServer(visit, workspace))}
          button="Show the token"
          left={timeLeft(visit.ticket.expiresAt - visit.services.now())}
          problem={problem}
        />
      ),
    };
  },
  async act(visit, form) {
    const { token, member, role } = visit.ticket.payload;
    const workspace = await readInvited(visit);
    const server = workspaceServer(visit, workspace);
    const clients = visit.clients(server);
    const chosen = choose(clients, form);
    await assertProof(visit.services, member, form["proof"] ?? "");
    const title = `Your token for ${workspace.name}`;
    const json = { workspace: workspace.slug, member, role, token };
    return reveal({ title, credential: token, server, clients, chosen, json });
  },
};

function accountServer({ services }: Visit<"claim-key">): GuidedServer {
  return { name: "aerostack", url: `${services.baseUrl}/mcp`, variable: "AEROSTACK_KEY" };
}

function workspaceServer(
  { services }: Visit<"claim-token">,
  { slug }: WorkspaceIdentity,
): GuidedServer {
  return { name: slug, url: `${services.baseUrl}/ws/${slug}`, variable: "AEROSTACK_TOKEN" };
}

/** Throws `connect.client`; a person may leave it open, and unfold one later. */
function choose(
  clients: readonly ClientGuide[],
  { client = "" }: Readonly<Record<string, string>>,
): ClientGuide | undefined {
  const chosen = clients.find(({ name }) => name === client);
  if (chosen || client === "") return chosen;
  throw new InputError("connect.client", `There is no client "${client.slice(0, 40)}" here.`, {
    fix: "Choose one from the list, or none: other clients take the address and the token.",
  });
}

async function askerOf({
  services,
  ticket,
}: Visit<"claim-key"> | Visit<"claim-token">): Promise<string> {
  return (await findAccount(services, ticket.accountId))?.name ?? "(deleted)";
}

/** Throws `ticket.gone` where the workspace was deleted, or the token revoked or outlived. */
async function readInvited({ services, ticket }: Visit<"claim-token">): Promise<WorkspaceIdentity> {
  const stub = workspaceStub(services.env, ticket.workspaceId ?? "");
  const described = await stub.describe();
  if (!described.ok && described.error.code === "workspace.not-found") throw withdrawn();
  const workspace = unwrap(described);
  const tokens = unwrap(await stub.listTokens());
  const token = tokens.find(({ id }) => id === ticket.payload.tokenId);
  const isOver = (token?.expiresAt ?? Infinity) <= services.now();
  if (!token || token.revokedAt !== undefined || isOver) throw withdrawn();
  return workspace;
}

function withdrawn(): InputError {
  return new InputError("ticket.gone", "This invitation was taken back, or has expired.", {
    status: 410,
    fix: "Ask whoever invited you for a new one.",
  });
}
