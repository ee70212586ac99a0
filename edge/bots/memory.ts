import { and, desc, eq, gt, lte } from "drizzle-orm";
import type { ConversationDatabase } from "#edge/db/conversation-database";
import { history, identities } from "#edge/db/tables/conversation-object";
import type { Proof } from "./conversation-api.ts";
import { conversationLimits } from "./limits.ts";

/** Something that was said, as a run gets it. */
export interface Said {
  readonly from: "user" | "bot";
  /** Id of the user; absent: the bot. */
  readonly user?: string;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What a conversation remembers: what was said lately, and who proved who they are. */
export class Memory {
  readonly #database: ConversationDatabase;

  constructor(database: ConversationDatabase) {
    this.#database = database;
  }

  add({ from, user, text, at }: Said): void {
    const { historyLength, history: most } = conversationLimits;
    const said = Array.from(text).slice(0, historyLength).join("");
    this.#database
      .insert(history)
      .values({ speaker: from, user: user ?? null, text: said, at })
      .run();
    const newest = this.#database.select({ seq: history.seq }).from(history);
    const last = newest.orderBy(desc(history.seq)).limit(1).offset(most).get();
    if (last) this.#database.delete(history).where(lte(history.seq, last.seq)).run();
  }

  /** The oldest first. */
  said(): Said[] {
    const rows = this.#database.select().from(history).orderBy(history.seq).all();
    return rows.map(({ speaker, user, text, at }) => {
      return { from: speaker, ...(user === null ? {} : { user }), text, at };
    });
  }

  remember({ user, identity, until }: Proof): void {
    this.#database
      .insert(identities)
      .values({ user, identity, until })
      .onConflictDoUpdate({ target: identities.user, set: { identity, until } })
      .run();
  }

  /** Null: not known, or not any more. */
  identityOf(user: string, now: number): unknown {
    this.#database.delete(identities).where(lte(identities.until, now)).run();
    const isTheirs = and(eq(identities.user, user), gt(identities.until, now));
    return this.#database.select().from(identities).where(isTheirs).get()?.identity ?? null;
  }
}
