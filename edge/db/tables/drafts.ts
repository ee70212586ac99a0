import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Answers of `plan`, so that `scaffold` and `refine` can take them up. */
export const plans = sqliteTable("plans", {
  id: text("id").primaryKey(),
  accountId: text("account_id").notNull(),
  intent: text("intent").notNull(),
  answer: text("answer", { mode: "json" }).notNull(),
  createdAt: integer("created_at").notNull(),
});

export const scaffolds = sqliteTable("scaffolds", {
  id: text("id").primaryKey(),
  accountId: text("account_id").notNull(),
  planId: text("plan_id"),
  blueprint: text("blueprint", { mode: "json" }).notNull(),
  createdAt: integer("created_at").notNull(),
});

/** What `create` stored; resource versions point here, and so do the tests that `deploy` runs. */
export const blueprints = sqliteTable("blueprints", {
  id: text("id").primaryKey(),
  accountId: text("account_id").notNull(),
  workspaceId: text("workspace_id").notNull(),
  name: text("name").notNull(),
  document: text("document", { mode: "json" }).notNull(),
  /** `[{id, version}]`: the resource versions that it stands for; unchanged ones keep their version. */
  resources: text("resources", { mode: "json" })
    .$type<{ id: string; version: number }[]>()
    .notNull(),
  createdAt: integer("created_at").notNull(),
});
