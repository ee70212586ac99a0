import type { Actor } from "#edge/identity/actor";
import type { WorkspaceIdentity } from "./workspace-api.ts";

/** What the decision is about: a tool by final name, or anything else that an upstream offers. */
export interface Wanted {
  readonly name: string;
  readonly readOnly: boolean;
}

/**
 * The one decision: listing, searching and calling ask it, so that they cannot disagree. Fails
 * closed: an actor of another workspace or account sees nothing.
 */
export function mayUse(actor: Actor, workspace: WorkspaceIdentity, wanted: Wanted): boolean {
  if (actor.kind === "account") return actor.accountId === workspace.accountId;
  if (actor.workspaceId !== workspace.id) return false;
  if (actor.kind === "system") return true;
  if (actor.tools && !actor.tools.includes(wanted.name)) return false;
  return actor.role !== "read-only" || wanted.readOnly;
}
