import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** The directory: slugs are immutable, everything else of a workspace lives in its object. */
export const workspaces = sqliteTable("workspaces", {
  id: text("id").primaryKey(),
  slug: text("slug").notNull(),
  name: text("name").notNull(),
  accountId: text("account_id").notNull(),
  createdAt: integer("created_at").notNull(),
  deletedAt: integer("deleted_at"),
});
