import type { View } from "./layout.tsx";
import { CredentialField, Facts, ProblemNote } from "./parts.tsx";
import type { Problem } from "./ticket-page.ts";

/** The client that asks, as its registration says and as far as that can be trusted. */
export interface AskingClient {
  readonly clientName: string;
  /** Verified: the client's metadata comes from this domain. */
  readonly clientDomain?: string;
  /** Where the access goes. */
  readonly redirectHost: string;
  readonly redirectIsLoopback: boolean;
}

/** A person proves who they are, before anything is decided. */
export function signIn(asked: {
  readonly client: AskingClient;
  readonly place: string;
  readonly kind: "workspace" | "account";
  readonly problem: Problem | undefined;
}): View {
  const { client, place, kind, problem } = asked;
  const what = kind === "workspace" ? "Workspace token or account key" : "Account key";
  return {
    title: `Sign in to ${place}`,
    json: { step: "sign-in", place, client: client.clientName, ...(problem ? { problem } : {}) },
    body: (
      <>
        <h1>Sign in to {place}</h1>
        <p>
          <strong>{client.clientName}</strong> wants to use it. You see what it asks for on the next
          page, and decide there.
        </p>
        <ClientFacts client={client} />
        <form method="post">
          <ProblemNote id="problem" problem={problem} />
          <CredentialField
            label={what}
            hint="It stays here: the client never gets to see it."
            problem={problem}
          />
          <button type="submit">Continue</button>
        </form>
      </>
    ),
  };
}

export function ClientFacts({ client }: { readonly client: AskingClient }) {
  return (
    <>
      <Facts
        rows={[
          ["Client", client.clientName],
          ["Published by", client.clientDomain ?? "unknown: it named itself"],
          ["Access goes to", client.redirectHost],
        ]}
      />
      {client.redirectIsLoopback ? (
        <p class="soft small">
          That is a program on your own computer. Go on only if you have just started it.
        </p>
      ) : null}
    </>
  );
}

/** The browser moves on by itself; the link is for the one that does not. */
export function goBack(url: string): View {
  return {
    title: "Back to your client",
    json: { redirect_to: url },
    next: url,
    body: (
      <>
        <h1>Back to your client</h1>
        <p>
          <a href={url}>Continue</a>, if this page does not move on by itself.
        </p>
      </>
    ),
  };
}
