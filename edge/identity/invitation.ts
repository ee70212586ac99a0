import { eq } from "drizzle-orm";
import { InputError } from "#blueprints/error";
import { accounts } from "#edge/db/tables/accounts";
import type { Services } from "#edge/services";
import type { WorkspaceIdentity } from "#edge/gateway/workspace-api";
import { authenticateKey } from "./keys.ts";
import { createTicket, type InvitationPayload } from "./tickets.ts";

/** Long enough for a person who reads their mail tomorrow. */
const invitationMs = 24 * 3_600_000;

/**
 * What the holder of an invitation shows to claim it: it follows from the name that the admin gave
 * them. `key` proves who they are. `email` does not, but stops whoever merely found the link.
 */
export type Proof = "email" | "key" | "none";

export function proofOf(member: string): Proof {
  if (member.startsWith("@")) return "key";
  return /^[^\s@]+@[^\s@]+$/.test(member) ? "email" : "none";
}

/** Throws `invitation.account` (404) where nobody could ever claim for `member`. */
export async function assertInvitable(services: Services, member: string): Promise<void> {
  if (proofOf(member) !== "key") return;
  const name = member.slice(1);
  const account = await services.db.select().from(accounts).where(eq(accounts.name, name)).get();
  if (account) return;
  throw new InputError("invitation.account", `There is no account "${member.slice(0, 60)}".`, {
    status: 404,
    fix: "Check the name, or invite by e-mail address or by a name without the @.",
  });
}

/** The link at which a member claims the token that was made for them. */
export async function createInvitation(
  services: Services,
  workspace: WorkspaceIdentity,
  payload: InvitationPayload,
): Promise<{ url: string; expiresAt: number }> {
  return createTicket(services, {
    purpose: "claim-token",
    accountId: workspace.accountId,
    workspaceId: workspace.id,
    payload,
    ttlMs: invitationMs,
  });
}

/**
 * Throws `invitation.email` or `invitation.key` (403), in the same words for what is unknown,
 * revoked and somebody else's. Nothing quotes what was typed: it may be a key in the wrong field.
 */
export async function assertProof(
  services: Services,
  member: string,
  typed: string,
): Promise<void> {
  const proof = proofOf(member);
  if (proof === "email" && comparable(typed) !== comparable(member)) {
    throw new InputError("invitation.email", "The invitation is not for this e-mail address.", {
      status: 403,
      fix: "Enter the address that you were invited by; whoever invited you knows which one.",
    });
  }
  if (proof === "key") {
    const account = await authenticateKey(services, typed.trim());
    if (account && `@${account.name}` === member) return;
    throw new InputError("invitation.key", `This is not a key of the account ${member}.`, {
      status: 403,
      fix: `Enter the account key (ak_...) of ${member}, or pass the link on to them.`,
    });
  }
}

function comparable(address: string): string {
  return address.trim().normalize("NFC").toLowerCase();
}
