import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const accounts = sqliteTable("accounts", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  operator: integer("operator", { mode: "boolean" }).notNull(),
  createdAt: integer("created_at").notNull(),
});

/** Keys at rest: SHA-256 (hex) of the whole `ak_...` string. */
export const accountKeys = sqliteTable("account_keys", {
  id: text("id").primaryKey(),
  accountId: text("account_id").notNull(),
  hash: text("hash").notNull(),
  createdAt: integer("created_at").notNull(),
  revokedAt: integer("revoked_at"),
});
