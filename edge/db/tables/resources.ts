import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { CompiledResource } from "#edge/deploy/compiled";

export const resources = sqliteTable("resources", {
  id: text("id").primaryKey(),
  workspaceId: text("workspace_id").notNull(),
  accountId: text("account_id").notNull(),
  kind: text("kind").notNull(),
  name: text("name").notNull(),
  latestVersion: integer("latest_version").notNull(),
  /** The blueprint that named it last: where its tests stand. */
  blueprintId: text("blueprint_id").notNull(),
  /** The version that takes traffic; null: draft. */
  liveVersion: integer("live_version"),
  /** What took traffic before, and what a rollback restores. */
  previousVersion: integer("previous_version"),
  createdAt: integer("created_at").notNull(),
  deletedAt: integer("deleted_at"),
});

/** Immutable. `definition` is the blueprint item, `compiled` what a deploy makes live. */
export const resourceVersions = sqliteTable(
  "resource_versions",
  {
    resourceId: text("resource_id").notNull(),
    version: integer("version").notNull(),
    blueprintId: text("blueprint_id").notNull(),
    definition: text("definition", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
    compiled: text("compiled", { mode: "json" }).$type<CompiledResource>().notNull(),
    /** SHA-256 (hex) over definition and compiled: an unchanged item keeps its version. */
    hash: text("hash").notNull(),
    createdAt: integer("created_at").notNull(),
    /** When it first took traffic, its tests passed. */
    deployedAt: integer("deployed_at"),
  },
  (table) => [primaryKey({ columns: [table.resourceId, table.version] })],
);

export interface DeployedResource {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  /** Version that took traffic before; null: none. */
  readonly from: number | null;
  readonly to: number;
}

export const deployments = sqliteTable("deployments", {
  id: text("id").primaryKey(),
  workspaceId: text("workspace_id").notNull(),
  accountId: text("account_id").notNull(),
  /** `activating`, `live`, `failed`. */
  state: text("state").notNull(),
  resources: text("resources", { mode: "json" }).$type<DeployedResource[]>().notNull(),
  /** Name, passed and evidence of each test. */
  tests: text("tests", { mode: "json" }).$type<unknown[]>().notNull(),
  createdAt: integer("created_at").notNull(),
});

/** One deploy of a workspace at a time; a holder that died loses it at `expiresAt`. */
export const deployLocks = sqliteTable("deploy_locks", {
  workspaceId: text("workspace_id").primaryKey(),
  holder: text("holder").notNull(),
  expiresAt: integer("expires_at").notNull(),
});

/** Which workspace answers `/hooks/:id`. */
export const webhooks = sqliteTable("webhooks", {
  id: text("id").primaryKey(),
  workspaceId: text("workspace_id").notNull(),
  name: text("name").notNull(),
});

/** Which workspace answers `/bots/:id/...`. */
export const bots = sqliteTable("bots", {
  id: text("id").primaryKey(),
  workspaceId: text("workspace_id").notNull(),
  name: text("name").notNull(),
});
