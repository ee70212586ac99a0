/** Who is calling, after authentication. Every authorisation decision takes one of these. */
export type Actor = AccountActor | MemberActor | SystemActor;

/** The holder of an account key: agents, CI, people, at `/mcp`. */
export interface AccountActor {
  readonly kind: "account";
  readonly accountId: string;
  /** Owner of the `@name/...` slugs. */
  readonly name: string;
  /** The first account; may create others. */
  readonly operator: boolean;
}

export type Role = "admin" | "developer" | "read-only";

/** The holder of a workspace token, at `/ws/:slug` and `/e/:slug/...`. */
export interface MemberActor {
  readonly kind: "member";
  readonly workspaceId: string;
  readonly tokenId: string;
  /** Of an OAuth grant: the token that its member signed in with. */
  readonly parentId?: string;
  readonly member: string;
  readonly role: Role;
  /** Final tool names that the token may use; absent: all that the role allows. */
  readonly tools?: readonly string[];
  /**
   * `@account` that is known to hold the token: it was shown the token when it issued it, or has
   * proven with its key that the invitation is its own. Absent: whoever claimed it.
   */
  readonly heldBy?: string;
  /** An OAuth client that the owner let in with the account's key: its role was chosen, not given. */
  readonly byKey?: true;
}

/** The platform itself on behalf of a workspace: runs, schedules, deploy tests. */
export interface SystemActor {
  readonly kind: "system";
  readonly workspaceId: string;
  readonly runId?: string;
}

/** Tells callers apart; a run acts for its workspace and is nobody. */
export function actorKey(actor: Actor): string {
  if (actor.kind === "member") return actor.tokenId;
  return actor.kind === "account" ? actor.accountId : "";
}
