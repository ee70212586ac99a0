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
  /** The highest version by semver precedence that is not yanked; empty where all are. */
  latest: text("latest").notNull(),
  installs: integer("installs").notNull(),
  /** How the slug, and its part behind the slash, look at a glance. */
  slugShape: text("slug_shape").notNull(),
  nameShape: text("name_shape").notNull(),
  /** Entries of other publishers that were public first and have a name like this one's. */
  similarTo: text("similar_to", { mode: "json" }).$type<string[]>().notNull(),
  createdAt: integer("created_at").notNull(),
  updatedAt: integer("updated_at").notNull(),
});

/** Immutable per version, but for whether it is yanked. */
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
    /** Taken back by its publisher: it runs where it is installed, and is installed nowhere else. */
    yankedAt: integer("yanked_at"),
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
