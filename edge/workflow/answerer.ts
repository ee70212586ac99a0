import { InputError } from "#blueprints/error";
import { hasTemplate } from "#blueprints/template";
import type { AccountActor, MemberActor } from "#edge/identity/actor";
import type { WaitRequest } from "#blueprints/node";

/** Who answers a waiting step, or starts a run, after authentication. */
export type Answerer =
  | Pick<AccountActor, "kind" | "name">
  | Pick<MemberActor, "kind" | "member" | "role" | "heldBy" | "byKey">
  /** Knows the id of the run, and nothing else is known. */
  | { readonly kind: "stranger" };

/** What is asked, as far as it says who may answer. */
type Asked = Pick<WaitRequest, "reviewers" | "answered" | "isOpen">;

/** Who started a run, as it remembers it. Neither of them, by whatever token, decides in it. */
export interface Starter {
  /** `@account`, or the member's name. */
  readonly startedBy?: string;
  /** `@account` that holds the token it was started with, where that is not the member. */
  readonly startedFor?: string;
}

/**
 * The one name of a person or program: `@acme` for an account, as in its slugs, the member's own name
 * otherwise. A member who is named like an account or a role is neither; a token that an account
 * is known to hold is that account's, whatever name stands on it; so is what its key opened.
 */
export function nameOf(answerer: Known): string {
  if (answerer.kind === "account") return `@${answerer.name}`;
  const { heldBy, byKey, member } = answerer;
  return heldBy ?? (byKey ? member : writtenName(answerer));
}

/** What a run remembers of who starts it. */
export function starterOf(actor: Known): Starter {
  if (!isHeldByAnother(actor)) return { startedBy: nameOf(actor) };
  return { startedBy: writtenName(actor), startedFor: actor.heldBy };
}

/** Out of a run's request, for a run that follows from it: it has the same starter. */
export function starterIn({ startedBy, startedFor }: Starter): Starter {
  return {
    ...(startedBy === undefined ? {} : { startedBy }),
    ...(startedFor === undefined ? {} : { startedFor }),
  };
}

/**
 * Passes where this person may decide what the step asks.
 * - Who started the run cannot, whatever the list says.
 * - With an empty list everybody may who may start workflows.
 * - A token that an account is known to hold, because it was shown it, decides as that account and
 *   not as its member; where reviewers are named, not at all.
 * - What asks nobody in particular, as a message that waits for its time, takes an answer of everybody
 *   but readers; where it is open, of readers too.
 * @throws InputError `review.needs-person`, `review.own-request`, `review.not-reviewer` (403),
 * `review.answered-already` (409)
 */
export function assertMayDecide(...asked: Parameters<typeof refusalOf>): void {
  const refusal = refusalOf(...asked);
  if (refusal) throw refusal;
}

/** The same as yes or no; no where nobody in particular is asked. */
export function mayDecide(wait: Asked, starter: Starter, by: Answerer): boolean {
  return wait.reviewers !== undefined && refusalOf(wait, starter, by) === undefined;
}

/** Whether they could ever be among these reviewers, whoever starts the run. */
export function mayReview(reviewers: readonly string[], by: Answerer): boolean {
  if (reviewers.some(hasTemplate)) return by.kind !== "stranger";
  return mayDecide({ reviewers }, {}, by);
}

function refusalOf(
  { reviewers, answered, isOpen }: Asked,
  { startedBy, startedFor }: Starter,
  by: Answerer | undefined,
): InputError | undefined {
  if (reviewers === undefined) {
    if (by?.kind !== "member" || by.role !== "read-only" || isOpen) return undefined;
    return refused("not-reviewer", `${nameOf(by)} may read this run, and not answer it.`, {
      fix: "Use a token with the role developer or admin and without a tool list.",
    });
  }
  if (by === undefined || by.kind === "stranger") {
    return refused("needs-person", "This is a person's decision; who sends it must be known.", {
      fix: "Answer on the review's page, or with control_run.",
    });
  }
  const name = nameOf(by);
  const names = by.kind === "member" ? [name, writtenName(by)] : [name];
  if (names.some((one) => one === startedBy || one === startedFor)) {
    const what =
      name === startedFor ? "holds the token that started this run" : "has started this run";
    return refused("own-request", `${name} ${what} and cannot decide about it.`, {
      fix: "Let another person open the review's link and sign in with a token of their own.",
    });
  }
  if (reviewers.length > 0 && isHeldByAnother(by)) {
    const whose = `This token of ${by.member} is known to ${name}, which issued it`;
    return refused("not-reviewer", `${whose}, and shows nobody else's decision.`, {
      fix: "Decide with a token that its member claimed by an invitation link.",
    });
  }
  if (!isReviewer(reviewers, name, by)) {
    const who = reviewers.length > 0 ? reviewers.join(", ") : "the owner, admins and developers";
    return refused("not-reviewer", `${name} is not among the reviewers: ${who}.`, {
      fix: "Hand the link to one of them.",
    });
  }
  if (answered?.includes(name)) {
    return refused("answered-already", `${name} has decided already.`, {
      fix: "Nothing more to do: others decide now.",
      status: 409,
    });
  }
  return undefined;
}

/** A stranger answers what is open to everybody, and learns nothing about the rest. @throws InputError 401 */
export function assertOpen(
  wait: Pick<Asked, "isOpen"> | undefined,
  by: Answerer | undefined,
): void {
  if (by?.kind !== "stranger" || wait?.isOpen) return;
  throw new InputError("run.unauthorised", "This answer needs a credential.", {
    status: 401,
    fix: "Send `Authorization: Bearer` with an account key or a workspace token.",
  });
}

type Known = Exclude<Answerer, { kind: "stranger" }>;
type KnownMember = Extract<Known, { kind: "member" }>;

function writtenName({ member }: KnownMember): string {
  return /^(?:@|role:|member:)/.test(member) ? `member:${member}` : member;
}

/** The name on the token says nothing about who uses it. */
function isHeldByAnother(by: Known): by is KnownMember & { heldBy: string } {
  return by.kind === "member" && by.heldBy !== undefined && by.heldBy !== by.member;
}

function isReviewer(reviewers: readonly string[], name: string, by: Known): boolean {
  if (reviewers.length === 0) return by.kind === "account" || by.role !== "read-only";
  if (reviewers.includes(name)) return true;
  return by.kind === "member" && !by.byKey && reviewers.includes(`role:${by.role}`);
}

function refused(
  code: string,
  message: string,
  { fix, status = 403 }: { fix: string; status?: number },
): InputError {
  return new InputError(`review.${code}`, message, { fix, status });
}
