import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { AdaptedTool } from "#registry-adapters/dialect";
import type { CompiledCode } from "#edge/isolates/isolate";
import type { EntryDefinition, EntryKind, Visibility } from "#edge/registry/entry";

export const registryEntries = sqliteTable("registry_entries", {
  /** Also the row of the full-text index. */
  id: integer("id").primaryKey({ autoIncrement: true }),
  /** `@user/name`. */
  slug: text("slug").notNull(),
  accountId: text("account_id").notNull(),
  kind: text("kind").$type<EntryKind>().notNull(),
  visibility: text("visibility").$type<Visibility>().notNull(),
  /** The highest version by semver precedence. */
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
    tags: text("tags", { mode: "json" }).$type<string[]>().notNull(),
    definition: text("definition", { mode: "json" }).$type<EntryDefinition>().notNull(),
    compiled: text("compiled", { mode: "json" }).$type<CompiledCode>(),
    /** Dialect name to precomputed tools. */
    adapters: text("adapters", { mode: "json" }).$type<Record<string, AdaptedTool[]>>().notNull(),
    /** `sha256-<base64>` over the canonical definition and code. */
    integrity: text("integrity").notNull(),
    publishedAt: integer("published_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.slug, table.version] })],
);

/** The full-text index (FTS5) over the latest version of every entry; `rowid` is the entry's id. */
export const registrySearch = sqliteTable("registry_search", {
  rowid: integer("rowid").notNull(),
  name: text("name").notNull(),
  description: text("description").notNull(),
  tags: text("tags").notNull(),
  readme: text("readme").notNull(),
});

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
