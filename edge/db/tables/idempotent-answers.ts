import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Repeating a call with the same key repeats the answer, not the effect. Kept for a day. */
export const idempotentAnswers = sqliteTable(
  "idempotent_answers",
  {
    accountId: text("account_id").notNull(),
    tool: text("tool").notNull(),
    idempotencyKey: text("idempotency_key").notNull(),
    requestHash: text("request_hash").notNull(),
    /** Null while the first call is under way. */
    answer: text("answer", { mode: "json" }),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.tool, table.idempotencyKey] })],
);
