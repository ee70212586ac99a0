import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** One-time links at `/go/:ticket` and `/connect/:ticket`; at rest only the SHA-256 (hex) of the ticket. */
export const tickets = sqliteTable("tickets", {
  hash: text("hash").primaryKey(),
  purpose: text("purpose").notNull(),
  accountId: text("account_id").notNull(),
  workspaceId: text("workspace_id"),
  /** Encrypted with a key that is derived from the ticket; empty once used. */
  payload: text("payload").notNull(),
  createdAt: integer("created_at").notNull(),
  expiresAt: integer("expires_at").notNull(),
  /** While one request is using it: the others are turned away until then. */
  claimedUntil: integer("claimed_until"),
  usedAt: integer("used_at"),
});
