import { and, count, eq, gt, lt } from "drizzle-orm";
import type { AuthAttempt } from "#blueprints/node-context";
import { attempts } from "#edge/db/tables/workspace-object";
import type { WorkspaceDatabase } from "#edge/db/workspace-database";

const hourMs = 3_600_000;

/** How many, within which time, at one address, over all runs of the workspace. */
const allowed: Readonly<Record<AuthAttempt, { readonly most: number; readonly withinMs: number }>> =
  {
    challenge: { most: 10, withinMs: hourMs },
    "wrong-answer": { most: 20, withinMs: 24 * hourMs },
  };
const longestMs = Math.max(...Object.values(allowed).map(({ withinMs }) => withinMs));

interface AttemptPlace {
  readonly database: WorkspaceDatabase;
  now(): number;
}

/**
 * What strangers do at an address that they say is theirs. A limit of one run would be none: whoever
 * can start runs starts another. Addresses are known by keyed digests only.
 */
export class Attempts {
  readonly #place: AttemptPlace;

  constructor(place: AttemptPlace) {
    this.#place = place;
  }

  /** Counts one; false: that is too many, or too many answers were wrong for another challenge. */
  admit(what: AuthAttempt, subject: string): boolean {
    const { database } = this.#place;
    const at = this.#place.now();
    database
      .delete(attempts)
      .where(lt(attempts.at, at - longestMs))
      .run();
    if (what === "challenge" && this.#isUsedUp("wrong-answer", subject, at)) return false;
    if (this.#isUsedUp(what, subject, at)) return false;
    database.insert(attempts).values({ what, subject, at }).run();
    return true;
  }

  #isUsedUp(what: AuthAttempt, subject: string, now: number): boolean {
    const { most, withinMs } = allowed[what];
    const found = this.#place.database
      .select({ made: count() })
      .from(attempts)
      .where(
        and(
          eq(attempts.what, what),
          eq(attempts.subject, subject),
          gt(attempts.at, now - withinMs),
        ),
      )
      .get();
    return (found?.made ?? 0) >= most;
  }
}
