import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const registryEntries = sqliteTable("registry_entries", {
  /** `@user/name`. */
  slug: text("slug").primaryKey(),
  accountId: text("account_id").notNull(),
  kind: text("kind").notNull(),
  visibility: text("visibility").notNull(),
  latest: text("latest").notNull(),
  installs: integer("installs").notNull(),
  createdAt: integer("created_at").notNull(),
  updatedAt: integer("updated_at").notNull(),
});

/** Immutable per version. */
export const registryVersions = sqliteTable(
  "registry_versions",
  {
    slug: text("slug").notNull(),
    version: text("version").notNull(),
    description: text("description").notNull(),
    readme: text("readme").notNull(),
    definition: text("definition", { mode: "json" }).notNull(),
    compiled: text("compiled", { mode: "json" }),
    /** Dialect name to precomputed tool. */
    adapters: text("adapters", { mode: "json" }).notNull(),
    /** `sha256-<base64>` over the canonical definition and code. */
    integrity: text("integrity").notNull(),
    publishedAt: integer("published_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.slug, table.version] })],
);

export const installs = sqliteTable(
  "installs",
  {
    workspaceId: text("workspace_id").notNull(),
    slug: text("slug").notNull(),
    version: text("version").notNull(),
    integrity: text("integrity").notNull(),
    resourceId: text("resource_id").notNull(),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.workspaceId, table.slug] })],
);
