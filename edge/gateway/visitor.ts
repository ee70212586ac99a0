import { type AerostackError, InputError } from "#blueprints/error";
import type { AccountActor, Actor } from "#edge/identity/actor";
import { bearer } from "#edge/identity/bearer";
import type { Tokens } from "./tokens.ts";
import type { WorkspaceIdentity } from "./workspace-api.ts";

/** An OAuth client; the route has checked its token. */
export interface GrantHolder {
  readonly kind: "grant";
  readonly tokenId: string;
}

/**
 * Set by the route for the holder of an account key, after it asked D1; what a client sends under
 * this name never gets here.
 */
export const accountHeader = "aerostack-account";

/** Who is calling: the owner, vouched for by the route, or the holder of a member token. */
export function visitorOf(
  request: Request,
  tokens: Tokens,
  workspace: WorkspaceIdentity,
): Actor | undefined {
  const account = request.headers.get(accountHeader);
  if (account !== null) {
    const actor = JSON.parse(account) as AccountActor | GrantHolder;
    if (actor.kind === "grant") return tokens.authenticateGrant(actor.tokenId);
    return actor.accountId === workspace.accountId ? actor : undefined;
  }
  const token = bearer(request);
  return token === undefined ? undefined : tokens.authenticate(token);
}

/** One refusal for a missing, unknown, expired or revoked token. */
export function tokenRefused(): AerostackError {
  return new InputError("token.invalid", "A valid workspace token is needed.", {
    status: 401,
    fix: "Send `Authorization: Bearer wt_...` with a token of this workspace that has neither expired nor been revoked; an admin issues one with issue_token.",
  });
}
