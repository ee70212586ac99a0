import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { WordsAnswer } from "#blueprints/node";
import type { Origin } from "#edge/bots/conversation-api";

/** Tables in the SQLite of a `Conversation` object; times are milliseconds since 1970. */

/** Whose conversation it is, as the newest delivery said; always one row. */
export const origin = sqliteTable("origin", {
  id: integer("id").primaryKey(),
  body: text("body", { mode: "json" }).$type<Origin>().notNull(),
  activeAt: integer("active_at").notNull(),
});

/** What people wrote, in order; `text` is null once a run or a waiting step has it. */
export const inbox = sqliteTable("inbox", {
  seq: integer("seq").primaryKey({ autoIncrement: true }),
  /** The platform's. */
  id: text("id").notNull(),
  user: text("user").notNull(),
  name: text("name"),
  text: text("text"),
  replyTo: text("reply_to"),
  at: integer("at").notNull(),
  /** `turn`: its run is under way. */
  state: text("state").$type<"queued" | "turn" | "done">().notNull(),
  /** The run that it starts. */
  run: text("run"),
  attempts: integer("attempts").notNull(),
});

/** Steps that wait for words of a user. */
export const waits = sqliteTable(
  "waits",
  {
    run: text("run").notNull(),
    step: text("step").notNull(),
    signal: text("signal").notNull(),
    user: text("user").notNull(),
    /** What they were asked. */
    message: text("message").notNull(),
    inWords: text("in_words", { mode: "json" }).$type<WordsAnswer>().notNull(),
    until: integer("until"),
    /** Only what came after this message answers. */
    afterSeq: integer("after_seq").notNull(),
    answered: integer("answered", { mode: "boolean" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.run, table.step] })],
);

/** What the bot says, in order; `text` is null once that is settled. */
export const outbox = sqliteTable("outbox", {
  seq: integer("seq").primaryKey({ autoIncrement: true }),
  /** What it answers: the same one is said once. */
  key: text("key").notNull(),
  text: text("text"),
  at: integer("at").notNull(),
  state: text("state").$type<"waiting" | "sent" | "dropped">().notNull(),
  attempts: integer("attempts").notNull(),
  nextAt: integer("next_at").notNull(),
  /** Why it was dropped. */
  reason: text("reason"),
});

/** What was said lately: messages that started a turn, and answers. */
export const history = sqliteTable("history", {
  seq: integer("seq").primaryKey({ autoIncrement: true }),
  speaker: text("speaker").$type<"user" | "bot">().notNull(),
  user: text("user"),
  text: text("text").notNull(),
  at: integer("at").notNull(),
});

/** Who proved who they are. */
export const identities = sqliteTable("identities", {
  user: text("user").primaryKey(),
  identity: text("identity", { mode: "json" }).$type<unknown>().notNull(),
  until: integer("until").notNull(),
});
