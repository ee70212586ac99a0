import type { AerostackError } from "#blueprints/error";
import type { Actor } from "#edge/identity/actor";
import { refusalOf } from "./argument-policy.ts";
import type { Policies } from "./policies.ts";
import type { TokenLimits } from "./token-limits.ts";

interface Wanted {
  /** Final name. */
  readonly tool: string;
  /** Alias of the MCP server, `fn` or `skill`. */
  readonly mcp: string;
  readonly args: unknown;
}

/**
 * Whether a call that the actor may see in the list may also be made now, with these arguments.
 * Every route asks it right before it dispatches.
 */
export class Admission {
  readonly #limits: TokenLimits;
  readonly #policies: Policies;

  constructor(limits: TokenLimits, policies: Policies) {
    this.#limits = limits;
    this.#policies = policies;
  }

  /** Undefined: go ahead; the call is counted. */
  refuse(actor: Actor, { tool, mcp, args }: Wanted): AerostackError | undefined {
    const limited = this.refuseRequest(actor);
    if (limited) return limited;
    const policies = this.#policies.list();
    if (policies.length === 0) return undefined;
    const isMember = actor.kind === "member";
    return refusalOf(policies, {
      args,
      tool,
      mcp,
      role: isMember ? actor.role : actor.kind === "account" ? "owner" : "system",
      member: isMember ? actor.member : actor.kind === "account" ? `@${actor.name}` : "",
      // Who signs in with a token must not leave behind what was said about it.
      token: isMember ? (actor.parentId ?? actor.tokenId) : "",
      ...(isMember && actor.parentId !== undefined ? { grant: actor.tokenId } : {}),
    });
  }

  /** For what has no arguments that a policy could look at: resources, prompts, completion. */
  refuseRequest(actor: Actor): AerostackError | undefined {
    return actor.kind === "member" ? this.#limits.take(actor.tokenId) : undefined;
  }
}
