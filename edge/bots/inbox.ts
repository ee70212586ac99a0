import { and, asc, count, desc, eq, isNotNull } from "drizzle-orm";
import { InputError } from "#blueprints/error";
import type { ConversationDatabase } from "#edge/db/conversation-database";
import { inbox } from "#edge/db/tables/conversation-object";
import { conversationLimits } from "./limits.ts";
import type { ChatMessage } from "./platform.ts";

export type Inbound = typeof inbox.$inferSelect;

/** What people wrote: each message once, in order. Synchronous, as all of a conversation's storage. */
export class Inbox {
  readonly #database: ConversationDatabase;

  constructor(database: ConversationDatabase) {
    this.#database = database;
  }

  /** @throws InputError `conversation.full` (429): none of them was taken */
  add(messages: readonly ChatMessage[], at: number): void {
    const fresh = messages.filter(({ id }) => !this.#has(id));
    if (fresh.length > 0 && this.#queued() + fresh.length > conversationLimits.inbox) throw full();
    for (const { id, user, text, replyTo } of fresh) {
      this.#database
        .insert(inbox)
        .values({
          id,
          user: user.id,
          name: user.name ?? null,
          text: text.slice(0, conversationLimits.messageLength),
          replyTo: replyTo ?? null,
          at,
          state: "queued",
          attempts: 0,
        })
        .onConflictDoNothing()
        .run();
    }
  }

  #has(id: string): boolean {
    return this.#database.select().from(inbox).where(eq(inbox.id, id)).get() !== undefined;
  }

  #queued(): number {
    const queued = this.#database.select({ count: count() }).from(inbox);
    return queued.where(eq(inbox.state, "queued")).get()?.count ?? 0;
  }

  /** Those whose text nobody has taken yet, in order. */
  unheard(): Inbound[] {
    const rows = this.#database.select().from(inbox).where(isNotNull(inbox.text));
    return rows.orderBy(asc(inbox.seq)).all();
  }

  /** The messages whose runs are under way. */
  turns(): Inbound[] {
    return this.#database.select().from(inbox).where(eq(inbox.state, "turn")).all();
  }

  /** The message that is being answered by this run. */
  turnOf(run: string): Inbound | undefined {
    const isIts = and(eq(inbox.state, "turn"), eq(inbox.run, run));
    return this.#database.select().from(inbox).where(isIts).get();
  }

  /** Of the newest message; 0: there is none. */
  lastSeq(): number {
    const newest = this.#database.select().from(inbox).orderBy(desc(inbox.seq)).limit(1).get();
    return newest?.seq ?? 0;
  }

  change({ seq }: Pick<Inbound, "seq">, set: Partial<Omit<Inbound, "seq" | "id">>): void {
    this.#database.update(inbox).set(set).where(eq(inbox.seq, seq)).run();
  }
}

function full(): InputError {
  return new InputError(
    "conversation.full",
    `${conversationLimits.inbox} messages of this conversation wait for their turn already.`,
    { status: 429, retryAfterMs: 60_000, fix: "Deliver it again later." },
  );
}
