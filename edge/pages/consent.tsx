import type { View } from "./layout.tsx";
import { Facts } from "./parts.tsx";
import { type AskingClient, ClientFacts } from "./sign-in.tsx";

const meanings = {
  admin: "admin: all tools, and what the workspace keeps for its admins",
  developer: "developer: all tools",
  "read-only": "read-only: tools that only read",
};
type Role = keyof typeof meanings;

/** Which client asks for which workspace, in whose name and with which role. */
export function consent(asked: {
  readonly client: AskingClient;
  readonly place: string;
  readonly person: { readonly name: string };
  /** Roles that this person can give, most powerful first; none: the account itself. */
  readonly offered: readonly Role[];
  readonly wanted: Role | undefined;
  readonly handle: string;
  /** Who signed in, sealed. */
  readonly proof: string;
}): View {
  const { client, place, person, offered, wanted, handle, proof } = asked;
  return {
    title: `Let ${client.clientName} in?`,
    json: { step: "consent", place, as: person.name, client: client.clientName, handle, proof },
    body: (
      <>
        <h1>Let {client.clientName} in?</h1>
        <p>It would use {place} in your name, until you or an admin takes that away.</p>
        <Facts
          rows={[
            ["To", place],
            ["As", person.name],
            ["With", offered.length > 0 ? undefined : "all that your account key can do"],
          ]}
        />
        <ClientFacts client={client} />
        <form method="post">
          <input type="hidden" name="handle" value={handle} />
          <input type="hidden" name="proof" value={proof} />
          {offered.length > 0 ? <RoleChoice offered={offered} wanted={wanted} /> : null}
          <p class="choices">
            <button type="submit" name="decision" value="allow">
              Allow
            </button>
            <button type="submit" name="decision" value="deny" class="plain">
              Deny
            </button>
          </p>
        </form>
      </>
    ),
  };
}

function RoleChoice({ offered, wanted }: { offered: readonly Role[]; wanted: Role | undefined }) {
  return (
    <fieldset>
      <legend>Role</legend>
      {offered.map((role) => (
        <label class="choice">
          <input type="radio" name="role" value={role} checked={role === wanted} /> {meanings[role]}
        </label>
      ))}
    </fieldset>
  );
}
