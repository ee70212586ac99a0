import { InputError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import { workspaceStub } from "#edge/gateway/directory";
import { isBoundTo } from "#edge/gateway/secrets/host-binding";
import type { SecretState, WorkspaceIdentity } from "#edge/gateway/workspace-api";
import { findAccount } from "#edge/identity/accounts";
import { hashCredential } from "#edge/identity/credential";
import { type AddressSettings, assertReachable } from "#edge/isolates/address";
import { done } from "./done.tsx";
import type { View } from "./layout.tsx";
import { Facts, ProblemNote, timeLeft } from "./parts.tsx";
import type { Problem, TicketPage, Visit } from "./ticket-page.ts";
import { readValue } from "./value.ts";

/** A person types the value of a secret; no agent ever holds it. */
export const enterSecret: TicketPage<"enter-secret"> = {
  async show(visit, problem) {
    const asked = await readAsked(visit);
    const minutes = timeLeft(visit.ticket.expiresAt - visit.services.now());
    return {
      title: problem ? `Not saved: ${asked.secret.name}` : `Enter ${asked.secret.name}`,
      body: <SecretForm asked={asked} left={minutes} problem={problem} />,
      json: {
        purpose: "enter-secret",
        account: asked.account,
        workspace: asked.workspace.slug,
        secret: asked.secret,
        expires_at: visit.ticket.expiresAt,
      },
    };
  },
  async act(visit, form) {
    const { secret, workspace, shown } = await readAsked(visit);
    if (form["shown"] !== undefined && form["shown"] !== shown) throw changed();
    const value = readValue(secret.kind, form["value"] ?? "");
    if (secret.kind === "url") assertUsable(new URL(value), secret, visit.services.env);
    const stub = workspaceStub(visit.services.env, workspace.id);
    const { version } = unwrap(await stub.putSecret(secret.name, value, secret));
    return saved({ secret, workspace, version, characters: value.length });
  },
};

/** What no request could be sent to is told to who can mend it. @throws as `assertReachable`, `secret.other-host` */
function assertUsable(url: URL, secret: SecretState, env: AddressSettings): void {
  assertReachable(url, env);
  const bound = hostsBefore(secret);
  if (bound.length === 0 || isBoundTo(bound, url.host)) return;
  throw new InputError("secret.other-host", `${url.host} is not where ${secret.name} may go.`, {
    fix: `Enter an address at ${bound.join(" or ")}.`,
  });
}

/** Those that the account named; the host of an address that was entered is replaced with it. */
function hostsBefore({ kind, state, hosts }: SecretState): readonly string[] {
  return kind === "url" && state === "set" ? [] : hosts;
}

interface Asked {
  readonly account: string;
  readonly workspace: WorkspaceIdentity;
  readonly secret: SecretState;
  /** Stands in the form, so that what is saved is what the person read. */
  readonly shown: string;
}

async function readAsked({ services, ticket }: Visit<"enter-secret">): Promise<Asked> {
  const account = await findAccount(services, ticket.accountId);
  const stub = workspaceStub(services.env, ticket.workspaceId ?? "");
  const described = await stub.describe();
  if (!described.ok && described.error.code === "workspace.not-found") throw notNeeded();
  const workspace = unwrap(described);
  const secret = workspace.secrets.find((one) => one.name === ticket.payload.secret);
  if (!account || !secret) throw notNeeded();
  const { name, purpose, kind, hosts } = secret;
  const shown = await hashCredential(JSON.stringify([name, purpose, kind, hosts]));
  return { account: account.name, workspace, secret, shown };
}

function SecretForm(props: { asked: Asked; left: string; problem: Problem | undefined }) {
  const { asked, left, problem } = props;
  const { secret, workspace } = asked;
  const described = problem ? "value-problem value-hint" : "value-hint";
  return (
    <>
      <h1>Enter {secret.name}</h1>
      <p>
        The account <strong>{asked.account}</strong> asks you for it. Its agent will use it without
        ever seeing it.
      </p>
      <Facts
        rows={[
          ["Workspace", `${workspace.name} (${workspace.slug})`],
          ["What for", secret.purpose],
          ["Goes to", <Destination secret={secret} />],
          ["Stored now", secret.state === "set" ? "A value; saving replaces it." : undefined],
        ]}
      />
      <form method="post">
        <ProblemNote id="value-problem" problem={problem} />
        <label for="value">{secret.kind === "url" ? "Address (URL)" : "Value"}</label>
        <input
          id="value"
          name="value"
          type="password"
          required
          autofocus
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          placeholder={secret.kind === "url" ? "https://" : undefined}
          aria-describedby={described}
          aria-invalid={problem ? "true" : undefined}
        />
        <p class="hint" id="value-hint">
          Hidden as you type or paste. It is encrypted at once and never shown again, neither to you
          nor to the agent.
        </p>
        <input type="hidden" name="shown" value={asked.shown} />
        <button type="submit">Save</button>
      </form>
      <p class="hint">
        This link works once, for another {left}. You did not expect it? Then close this page:
        nothing happens unless you save.
      </p>
    </>
  );
}

function Destination({ secret }: { secret: SecretState }) {
  const hosts = hostsBefore(secret);
  if (secret.kind === "url" && hosts.length === 0)
    return <>The address that you enter, and no other</>;
  if (hosts.length === 0)
    return <>No server yet. The first one that this account links it to, and no other after that</>;
  return (
    <ul>
      {hosts.map((host) => (
        <li>
          <code>{host}</code>
        </li>
      ))}
    </ul>
  );
}

function saved(result: {
  secret: SecretState;
  workspace: WorkspaceIdentity;
  version: number;
  characters: number;
}): View {
  const { secret, workspace, version, characters } = result;
  return done({
    title: `${secret.name} is saved`,
    text: `${workspace.name} can use it from now on. It is encrypted, and has ${characters} characters.`,
    next: "You can close this page and tell your agent to go on.",
    json: { state: "set", workspace: workspace.slug, secret: secret.name, version },
  });
}

function notNeeded(): InputError {
  return new InputError("ticket.gone", "What this link asked for is not needed any more.", {
    status: 410,
    fix: "Ask for a new link.",
  });
}

function changed(): InputError {
  return new InputError("secret.request-changed", "The request has changed since you opened it.", {
    status: 409,
    fix: "Nothing was saved. Read again what is asked for and where it goes, then enter the value.",
  });
}
