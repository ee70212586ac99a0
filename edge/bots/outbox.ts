import { asc, eq } from "drizzle-orm";
import type { ConversationDatabase } from "#edge/db/conversation-database";
import { outbox } from "#edge/db/tables/conversation-object";
import { conversationLimits, waitAfter } from "./limits.ts";
import { splitText } from "./words.ts";

export type Outbound = typeof outbox.$inferSelect & { readonly text: string };

/** How an attempt to send ended. */
export type Sent =
  | { readonly status: "sent" }
  /** Milliseconds that the platform asks to be waited. */
  | { readonly status: "failed"; readonly reason: string; readonly retryAfterMs?: number };

/** What the bot says: one after the other, and each, by its key, once. */
export class Outbox {
  readonly #database: ConversationDatabase;

  constructor(database: ConversationDatabase) {
    this.#database = database;
  }

  has(key: string): boolean {
    return (
      this.#database
        .select()
        .from(outbox)
        .where(eq(outbox.key, `${key}#1`))
        .get() !== undefined
    );
  }

  /** `longest`: UTF-16 units of one message. */
  add(key: string, text: string, { longest, at }: { longest: number; at: number }): void {
    splitText(text, longest).forEach((part, index) => {
      this.#database
        .insert(outbox)
        .values({
          key: `${key}#${index + 1}`,
          text: part,
          at,
          state: "waiting",
          attempts: 0,
          nextAt: at,
        })
        .onConflictDoNothing()
        .run();
    });
  }

  /** What is to be said next, perhaps not yet. */
  head(): Outbound | undefined {
    const rows = this.#database.select().from(outbox).where(eq(outbox.state, "waiting"));
    const row = rows.orderBy(asc(outbox.seq)).limit(1).get();
    return row && { ...row, text: row.text ?? "" };
  }

  /** Written before it is sent: a process that dies meanwhile has tried. */
  try({ seq, attempts }: Outbound, now: number): void {
    const tried = { attempts: attempts + 1, nextAt: now + waitAfter(attempts + 1) };
    this.#database.update(outbox).set(tried).where(eq(outbox.seq, seq)).run();
  }

  /** `attempts` are those before the one that ended so. Answers why it was dropped, if it was. */
  settle({ seq, attempts }: Outbound, sent: Sent, now: number): string | undefined {
    const set = outcomeOf(attempts + 1, sent, now);
    this.#database.update(outbox).set(set).where(eq(outbox.seq, seq)).run();
    return set.reason ?? undefined;
  }
}

function outcomeOf(attempts: number, sent: Sent, now: number): Partial<typeof outbox.$inferInsert> {
  if (sent.status === "sent") return { state: "sent", text: null };
  const { reason, retryAfterMs } = sent;
  const { sendAttempts, askedWaitMs } = conversationLimits;
  if (retryAfterMs === undefined || attempts >= sendAttempts) {
    return { state: "dropped", text: null, reason: reason.slice(0, 300) };
  }
  const wait = Math.max(waitAfter(attempts), Math.min(retryAfterMs, askedWaitMs));
  return { nextAt: now + wait };
}
