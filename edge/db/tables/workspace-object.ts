import type { AuthAttempt } from "#blueprints/node-context";
import { blob, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Registration } from "#edge/gateway/connections/registration";
import type { Era } from "#edge/gateway/upstream/era";
import type { ArgumentPolicy } from "#edge/gateway/policy/argument-policy";
import type { LinkState, McpLink, WorkspaceSettings } from "#edge/gateway/workspace-api";
import type { LiveItem } from "#edge/gateway/live-items";
import type { Latencies } from "#edge/gateway/usage/latencies";
import type { CallLogRow, RunRow } from "#edge/gateway/records";
import type { Role } from "#edge/identity/actor";
import type { Tool } from "@modelcontextprotocol/client";

/** Tables in the SQLite of a `Workspace` object; times are milliseconds since 1970. */

export const identity = sqliteTable("identity", {
  id: text("id").primaryKey(),
  slug: text("slug").notNull(),
  name: text("name").notNull(),
  accountId: text("account_id").notNull(),
});

/** The workspace's data key, AES-256-GCM under a master key of the keyring. */
export const dataKeys = sqliteTable("data_keys", {
  id: text("id").primaryKey(),
  masterKeyId: text("master_key_id").notNull(),
  iv: blob("iv", { mode: "buffer" }).notNull(),
  wrapped: blob("wrapped", { mode: "buffer" }).notNull(),
  createdAt: integer("created_at").notNull(),
});

/** Declared and, once a person entered it, with a value: AES-256-GCM under the data key. */
export const secrets = sqliteTable("secrets", {
  name: text("name").primaryKey(),
  purpose: text("purpose").notNull(),
  kind: text("kind").$type<"token" | "url">().notNull(),
  hosts: text("hosts", { mode: "json" }).$type<string[]>().notNull(),
  /** 0: no value was ever entered. */
  version: integer("version").notNull(),
  dataKeyId: text("data_key_id"),
  iv: blob("iv", { mode: "buffer" }),
  ciphertext: blob("ciphertext", { mode: "buffer" }),
  updatedAt: integer("updated_at"),
});

/** Former values, encrypted as they were: only ever read in order to redact them. */
export const retiredSecrets = sqliteTable(
  "retired_secrets",
  {
    name: text("name").notNull(),
    version: integer("version").notNull(),
    dataKeyId: text("data_key_id").notNull(),
    iv: blob("iv", { mode: "buffer" }).notNull(),
    ciphertext: blob("ciphertext", { mode: "buffer" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.name, table.version] })],
);

/** At rest: SHA-256 (hex) of the whole `wt_...` string. */
export const tokens = sqliteTable("tokens", {
  id: text("id").primaryKey(),
  hash: text("hash").notNull(),
  member: text("member").notNull(),
  role: text("role").$type<Role>().notNull(),
  tools: text("tools", { mode: "json" }).$type<string[]>(),
  expiresAt: integer("expires_at"),
  createdAt: integer("created_at").notNull(),
  lastUsedAt: integer("last_used_at"),
  revokedAt: integer("revoked_at"),
  /** Name of the OAuth client that this grant is for; nobody holds a token of such a row. */
  client: text("client"),
  /** The token that its person signed in with: it takes the grant along when it is revoked. */
  parentId: text("parent_id"),
  /** `@account` that is known to hold the token; null: whoever claimed it. */
  heldBy: text("held_by"),
});

/** Linked MCP servers with the tool definitions last seen. */
export const links = sqliteTable("links", {
  alias: text("alias").primaryKey(),
  definition: text("definition", { mode: "json" }).$type<McpLink>().notNull(),
  state: text("state").$type<LinkState["state"]>().notNull(),
  problem: text("problem"),
  tools: text("tools", { mode: "json" }).$type<Tool[]>().notNull(),
  /** How to speak to it, so that a woken object needs no new handshake. */
  era: text("era", { mode: "json" }).$type<Era>(),
  refreshedAt: integer("refreshed_at"),
});

/** Conditions on the arguments of tool calls. */
export const policies = sqliteTable("policies", {
  name: text("name").primaryKey(),
  definition: text("definition", { mode: "json" }).$type<ArgumentPolicy>().notNull(),
});

/** How often tokens may call; tokens made from another one count as that one. */
export const tokenLimits = sqliteTable("token_limits", {
  tokenId: text("token_id").primaryKey(),
  countsAs: text("counts_as").notNull(),
  perMinute: integer("per_minute"),
  perDay: integer("per_day"),
});

/** Calls of tokens with a daily quota; `day` in UTC, `2026-01-31`. */
export const tokenDays = sqliteTable(
  "token_days",
  {
    tokenId: text("token_id").notNull(),
    day: text("day").notNull(),
    calls: integer("calls").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tokenId, table.day] })],
);

/** One row: what an admin decided for the whole workspace. */
export const settings = sqliteTable("settings", {
  key: text("key").primaryKey(),
  value: text("value", { mode: "json" }).$type<WorkspaceSettings>().notNull(),
});

/** Arguments and results as JSON text, redacted and shortened; only while capture is on. */
export const capturedCalls = sqliteTable("captured_calls", {
  callId: text("call_id").primaryKey(),
  arguments: text("arguments").notNull(),
  result: text("result").notNull(),
});

/** External servers whose tools were seen once: what is not pinned since then is new. */
export const pinnedLinks = sqliteTable("pinned_links", {
  alias: text("alias").primaryKey(),
  url: text("url").notNull(),
  pinnedAt: integer("pinned_at").notNull(),
});

/** Accepted definitions; `hash` is SHA-256 of the canonical definition. */
export const toolPins = sqliteTable(
  "tool_pins",
  {
    alias: text("alias").notNull(),
    /** As its server calls it. */
    tool: text("tool").notNull(),
    hash: text("hash").notNull(),
    definition: text("definition", { mode: "json" }).$type<Tool>().notNull(),
    pinnedAt: integer("pinned_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.alias, table.tool] })],
);

/** Who signed in where, as an OAuth client; the tokens are secrets in the vault. */
export const connections = sqliteTable(
  "connections",
  {
    alias: text("alias").notNull(),
    /** Empty: for the whole workspace. */
    member: text("member").notNull(),
    registration: text("registration", { mode: "json" }).$type<Registration>().notNull(),
    scope: text("scope"),
    expiresAt: integer("expires_at"),
    updatedAt: integer("updated_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.alias, table.member] })],
);

/** The projection of D1 that calls read. */
export const liveItems = sqliteTable(
  "live_items",
  {
    kind: text("kind").$type<LiveItem["kind"]>().notNull(),
    name: text("name").notNull(),
    version: integer("version").notNull(),
    definition: text("definition", { mode: "json" }).$type<LiveItem["definition"]>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.kind, table.name] })],
);

/** One row a call; never arguments or results. */
export const calls = sqliteTable("calls", {
  id: text("id").primaryKey(),
  at: integer("at").notNull(),
  kind: text("kind").$type<CallLogRow["kind"]>().notNull(),
  mcp: text("mcp").notNull(),
  tool: text("tool").notNull(),
  tokenId: text("token_id"),
  member: text("member"),
  client: text("client"),
  latencyMs: real("latency_ms").notNull(),
  upstreamMs: real("upstream_ms").notNull(),
  requestBytes: integer("request_bytes").notNull(),
  responseBytes: integer("response_bytes").notNull(),
  outcome: text("outcome").$type<CallLogRow["outcome"]>().notNull(),
  errorCode: text("error_code"),
  runId: text("run_id"),
});

/** Calls of a day (UTC) added up; `-` where a call had no token or no member. */
export const usageDays = sqliteTable(
  "usage_days",
  {
    day: text("day").notNull(),
    mcp: text("mcp").notNull(),
    tool: text("tool").notNull(),
    tokenId: text("token_id").notNull(),
    member: text("member").notNull(),
    calls: integer("calls").notNull(),
    /** Calls that failed or whose tool reported an error; none of the denied. */
    failed: integer("failed").notNull(),
    denied: integer("denied").notNull(),
    /** Of the denied. */
    rateLimited: integer("rate_limited").notNull(),
    lastAt: integer("last_at").notNull(),
    /** How many calls, by bucket; none of the denied. */
    latencies: text("latencies", { mode: "json" }).$type<Latencies>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.day, table.mcp, table.tool, table.tokenId, table.member] }),
  ],
);

/** What the runs of this workspace reported about themselves. */
export const runs = sqliteTable("runs", {
  id: text("id").primaryKey(),
  workflow: text("workflow").notNull(),
  version: integer("version").notNull(),
  status: text("status").$type<RunRow["status"]>().notNull(),
  trigger: text("trigger").notNull(),
  startedAt: integer("started_at").notNull(),
  endedAt: integer("ended_at"),
  error: text("error"),
});

/** What strangers did at an address, to prove that it is theirs; `subject` is a keyed digest. */
export const attempts = sqliteTable("attempts", {
  what: text("what").$type<AuthAttempt>().notNull(),
  subject: text("subject").notNull(),
  at: integer("at").notNull(),
});
