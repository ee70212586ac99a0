import { InputError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import { workspaceStub } from "#edge/gateway/directory";
import type { LinkState, WorkspaceDescription } from "#edge/gateway/workspace-api";
import { identify } from "#edge/oauth/grant";
import { cookieFor } from "#edge/oauth/browser-cookie";
import { goBack } from "./sign-in.tsx";
import { CredentialField, Facts, ProblemNote, timeLeft } from "./parts.tsx";
import type { TicketPage, Visit } from "./ticket-page.ts";

/** A person signs in at the server of a link, so that the workspace, or they alone, can use it. */
export const connect: TicketPage<"connect"> = {
  async show(visit, problem) {
    const { workspace, host } = await readAsked(visit);
    const { member, scope } = visit.ticket.payload;
    return {
      title: `Connect ${host}`,
      json: {
        purpose: "connect",
        workspace: workspace.slug,
        host,
        member,
        ...(scope ? { scope } : {}),
      },
      body: (
        <>
          <h1>Connect {host}</h1>
          <p>
            {workspace.name} wants to use it in your name. Say who you are, then sign in there and
            allow it.
          </p>
          <Facts
            rows={[
              ["Workspace", `${workspace.name} (${workspace.slug})`],
              ["Server", host],
              ["Used by", member || "every member, through your account there"],
              ["Asks for", scope],
            ]}
          />
          <form method="post">
            <ProblemNote id="problem" problem={problem} />
            <CredentialField
              label="Your workspace token or account key"
              hint="It proves that this link is yours, and goes no further."
              problem={problem}
            />
            <button type="submit">Continue to {host}</button>
          </form>
          <p class="hint">
            This link works for another {timeLeft(visit.ticket.expiresAt - visit.services.now())}.
          </p>
        </>
      ),
    };
  },
  async act(visit, form) {
    const { workspace } = await readAsked(visit);
    const { alias, member, scope } = visit.ticket.payload;
    const place = { kind: "workspace", identity: workspace } as const;
    const person = await identify(visit.services, place, (form["credential"] ?? "").trim());
    // A link that was passed on must not put one person's account into another's hands.
    if (member === "" ? person.role !== "admin" : person.name !== member) throw notYours(member);
    const stub = workspaceStub(visit.services.env, workspace.id);
    const { url, browser } = unwrap(await stub.beginConnection({ alias, member }, scope));
    return { ...goBack(url), title: "Over to the server", cookie: cookieFor(browser) };
  },
};

async function readAsked({
  services,
  ticket,
}: Visit<"connect">): Promise<{ workspace: WorkspaceDescription; link: LinkState; host: string }> {
  const { alias } = ticket.payload;
  const stub = workspaceStub(services.env, ticket.workspaceId ?? "");
  const workspace = unwrap(await stub.describe());
  const link = workspace.links.find((one) => one.alias === alias);
  if (link?.source.kind !== "external") {
    throw new InputError("ticket.gone", "What this link was for is not linked any more.", {
      status: 410,
      fix: "Ask for a new link.",
    });
  }
  return { workspace, link, host: new URL(link.source.url).host };
}

function notYours(member: string): InputError {
  const message = member ? `This is for ${member} to connect.` : "This is for an admin to connect.";
  return new InputError("connect.not-yours", message, {
    status: 403,
    fix: member
      ? `Enter a token of ${member}, or hand the link to them.`
      : "Enter the token of an admin or the owner's account key, or hand the link to one.",
  });
}
