import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const resources = sqliteTable("resources", {
  id: text("id").primaryKey(),
  workspaceId: text("workspace_id").notNull(),
  accountId: text("account_id").notNull(),
  kind: text("kind").notNull(),
  name: text("name").notNull(),
  /** The version that takes traffic; null: draft. */
  liveVersion: integer("live_version"),
  createdAt: integer("created_at").notNull(),
  deletedAt: integer("deleted_at"),
});

/** Immutable. `definition` is the blueprint item, `compiled` the complete live item. */
export const resourceVersions = sqliteTable(
  "resource_versions",
  {
    resourceId: text("resource_id").notNull(),
    version: integer("version").notNull(),
    blueprintId: text("blueprint_id").notNull(),
    definition: text("definition", { mode: "json" }).notNull(),
    compiled: text("compiled", { mode: "json" }),
    hash: text("hash").notNull(),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.resourceId, table.version] })],
);

export const deployments = sqliteTable("deployments", {
  id: text("id").primaryKey(),
  workspaceId: text("workspace_id").notNull(),
  accountId: text("account_id").notNull(),
  state: text("state").notNull(),
  /** `[{id, kind, name, from, to}]`: versions before and after. */
  resources: text("resources", { mode: "json" }).notNull(),
  tests: text("tests", { mode: "json" }).notNull(),
  createdAt: integer("created_at").notNull(),
});
