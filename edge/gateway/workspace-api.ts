import type { CallToolResult, Tool } from "@modelcontextprotocol/client";
import type { AuthAttempt } from "#blueprints/node-context";
import type { Outcome } from "#blueprints/outcome";
import type { McpResource, SecretDeclaration } from "#blueprints/blueprint";
import type { Actor, MemberActor, Role } from "#edge/identity/actor";
import type { ExportState } from "#edge/observe/otlp/exporter";
import type { RunTrace } from "#edge/workflow/run-api";
import type { ArgumentPolicy } from "./policy/argument-policy.ts";
import type { CallLogFilter, CallLogRow, RunRow, UsageDimension, UsageRow } from "./records.ts";
import type { Flag } from "./trust/flags.ts";
import type { Quarantined } from "./trust/review.ts";
import type { LiveBot, LiveItem, OpenedWorkflow, WorkflowQuery } from "./live-items.ts";

/**
 * What the `Workspace` object answers over RPC; `fetch` serves the MCP gateway at `/ws/:slug`.
 * Callers have already established who is calling; the object decides what that actor may do.
 */
export interface WorkspaceApi {
  /** First call on a new object; idempotent. */
  initialise(identity: WorkspaceIdentity): Promise<Outcome<void>>;
  describe(): Promise<Outcome<WorkspaceDescription>>;
  /** Forgets everything, for good. */
  erase(): Promise<Outcome<void>>;

  // Secrets: values go in and never come out, except into an upstream request.
  declareSecret(declaration: SecretDeclaration): Promise<Outcome<void>>;
  /** `asked`: what the person was shown, so that the value goes nowhere else. */
  putSecret(
    name: string,
    value: string,
    asked?: Pick<SecretState, "kind" | "hosts">,
  ): Promise<Outcome<{ version: number }>>;
  deleteSecret(name: string): Promise<Outcome<void>>;
  listSecrets(): Promise<Outcome<SecretState[]>>;
  /** A new data key; answers how many values were encrypted anew under it. */
  rotateDataKey(): Promise<Outcome<{ secrets: number }>>;
  /** For the egress only: the values that may go to `host`; names not bound to it are refused. */
  releaseSecrets(names: readonly string[], host: string): Promise<Outcome<Record<string, string>>>;
  /** For the egress only: the URL in a `url` secret. */
  releaseUrl(name: string): Promise<Outcome<string>>;
  /** For the webhook route only: the secret that a live webhook's sender signs with. */
  readSigningSecret(webhook: string): Promise<Outcome<string>>;
  /**
   * For the route of chat platforms only: a live bot, and by role the values of the secrets that its
   * platform signs with. Undefined: it is not live, or does not talk there.
   */
  openBot(
    name: string,
    platform: string,
  ): Promise<Outcome<{ bot: LiveBot; secrets: Record<string, string> } | undefined>>;
  /** Replaces every known secret value in a text that is about to leave. */
  redact(text: string): Promise<Outcome<string>>;

  // Tokens
  issueToken(request: TokenRequest): Promise<Outcome<{ id: string; token: string }>>;
  revokeToken(filter: { id: string } | { member: string }): Promise<Outcome<{ revoked: string[] }>>;
  listTokens(): Promise<Outcome<TokenState[]>>;
  authenticate(token: string): Promise<Outcome<MemberActor>>;
  /** The member behind an OAuth grant; throws `token.invalid` once it was taken away. */
  authenticateGrant(id: string): Promise<Outcome<MemberActor>>;
  revokeGrant(id: string): Promise<Outcome<{ revoked: string[] }>>;

  // Policies on arguments, and settings of the whole workspace
  putPolicies(policies: readonly ArgumentPolicy[]): Promise<Outcome<void>>;
  removePolicies(names: readonly string[]): Promise<Outcome<void>>;
  changeSettings(change: SettingsChange): Promise<Outcome<WorkspaceSettings>>;

  // Upstreams
  linkMcp(link: McpLink): Promise<Outcome<LinkState>>;
  unlinkMcp(alias: string): Promise<Outcome<void>>;
  listLinks(): Promise<Outcome<LinkState[]>>;
  /** Starts the sign-in of a person at the server of a link; `member` empty: for everybody. */
  beginConnection(
    holder: { readonly alias: string; readonly member: string },
    scope?: string,
  ): Promise<Outcome<{ url: string; browser: string }>>;
  finishConnection(answer: ConnectionAnswer): Promise<Outcome<{ alias: string; member: string }>>;
  /** Accepts definitions as last seen, by upstream name. */
  acceptTools(alias: string, tools: readonly string[]): Promise<Outcome<LinkState>>;

  // What is live: a projection of D1 that deploy writes and every call reads.
  putLive(items: readonly LiveItem[]): Promise<Outcome<void>>;
  removeLive(items: readonly Pick<LiveItem, "kind" | "name">[]): Promise<Outcome<void>>;
  getLive(kind: LiveItem["kind"], name: string): Promise<Outcome<LiveItem | undefined>>;
  /** All that the start of a run needs to know, in one question. */
  openWorkflow(query: WorkflowQuery): Promise<Outcome<OpenedWorkflow>>;

  // Tools
  listTools(actor: Actor): Promise<Outcome<Tool[]>>;
  callTool(call: ToolCall): Promise<Outcome<CallToolResult>>;
  /** For the egress only: JSON that running code asks of its workspace, and the JSON it gets. */
  answerCode(toolRun: string, asked: string): Promise<Outcome<string>>;
  callFunction(call: FunctionCall): Promise<Outcome<{ output: unknown; logs: string[] }>>;

  /** Counts what somebody does at an address, known by its digest; false: too often. */
  admitAttempt(what: AuthAttempt, subject: string): Promise<Outcome<boolean>>;

  // What happened
  /** `isTraced`: somebody wants to hear of the whole run once it ended, by `exportRun`. */
  recordRuns(rows: readonly RunRow[]): Promise<Outcome<{ isTraced: boolean }>>;
  /** Sends an ended run to the collectors; nothing of it is stored. */
  exportRun(trace: RunTrace): Promise<Outcome<void>>;
  listRuns(filter: {
    workflow?: string;
    status?: string;
    limit?: number;
  }): Promise<Outcome<RunRow[]>>;
  callLog(filter: CallLogFilter): Promise<Outcome<CallLogRow[]>>;
  usage(filter: { since?: number; by?: UsageDimension }): Promise<Outcome<UsageRow[]>>;
}

export interface WorkspaceIdentity {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly accountId: string;
}

/** What is not named stays; `telemetry: null` ends the export. */
export type SettingsChange = Partial<Omit<WorkspaceSettings, "telemetry">> & {
  readonly telemetry?: Telemetry | null;
};

export interface WorkspaceSettings {
  /** Arguments and results of calls are kept, redacted. */
  readonly captureCalls: boolean;
  /** Rows of the call log are kept for so long at most. */
  readonly keptDays: number;
  readonly keptRows: number;
  /** Where traces and metrics go; absent: nowhere but to the platform's collector, if it has one. */
  readonly telemetry?: Telemetry;
}

/** A collector that speaks OTLP over HTTP. */
export interface Telemetry {
  /** Base URL; `/v1/traces` and `/v1/metrics` are added. */
  readonly endpoint: string;
  /** `{{ NAME }}` stands for the value of a secret. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface WorkspaceDescription extends WorkspaceIdentity {
  readonly policies: readonly ArgumentPolicy[];
  readonly settings: WorkspaceSettings;
  readonly exported: ExportState;
  readonly links: LinkState[];
  readonly secrets: SecretState[];
  readonly live: Pick<LiveItem, "kind" | "name" | "version">[];
  readonly toolModes: ToolModes;
}

/** What the list of tools costs a model in each mode of `?tools=`, and which one is the default. */
export interface ToolModes {
  readonly default: "direct" | "search" | "code";
  readonly direct: ToolModeCost;
  readonly search: ToolModeCost;
  readonly code: ToolModeCost;
}
export interface ToolModeCost {
  /** Tools in the list. */
  readonly tools: number;
  /** Estimated, of the whole list. */
  readonly tokens: number;
}

export interface SecretState {
  readonly name: string;
  readonly purpose: string;
  readonly kind: "token" | "url";
  readonly hosts: readonly string[];
  readonly state: "set" | "missing";
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly updatedAt?: number;
}

export interface TokenRequest {
  readonly member: string;
  /** Calls in any 60 seconds, at most 10,000. */
  readonly perMinute?: number;
  /** Calls a day, in UTC. */
  readonly perDay?: number;
  readonly role: Role;
  /** Milliseconds since 1970. */
  readonly expiresAt?: number;
  readonly tools?: readonly string[];
  /** Name of the OAuth client, where this is a grant and its token is of no use to anybody. */
  readonly client?: string;
  /** Id of the token that the grant's person signed in with. */
  readonly parentId?: string;
  /** As `MemberActor.heldBy`; of a token made from another one it is that one's. */
  readonly heldBy?: string;
}

export interface TokenState extends TokenRequest {
  /** Of a token with `perDay`. */
  readonly callsToday?: number;
  readonly id: string;
  readonly createdAt: number;
  readonly lastUsedAt?: number;
  readonly revokedAt?: number;
}

/** The gateway signs in at the server as an OAuth client, in the name of a person. */
export interface OAuthLink {
  readonly type: "oauth";
  /** One sign-in for all, or each member their own. */
  readonly per: "workspace" | "member";
  /** Absent: what the server asks for. */
  readonly scope?: string;
  /** A client that somebody registered by hand; absent: we present, or register, ourselves. */
  readonly client?: { readonly id: string; readonly secret?: string };
  /** Public base URL when the link was made: people come back to it. */
  readonly base: string;
}

/** What the authorization server sent a person's browser back with. */
export interface ConnectionAnswer {
  readonly state: string;
  /** The secret that the person's browser kept. */
  readonly browser: string;
  readonly code?: string;
  readonly iss?: string;
  readonly error?: string;
}

export interface McpLink {
  readonly alias: string;
  readonly title?: string;
  readonly source:
    | { readonly kind: "external"; readonly url: string }
    /** A hosted server: its live item in this workspace has the same name. */
    | { readonly kind: "hosted"; readonly name: string };
  readonly auth: McpResource["auth"] | OAuthLink;
  /** Upstream tool names; absent: all. */
  readonly tools?: readonly string[];
  /** By upstream tool name: what clients see instead. */
  readonly overrides?: Readonly<Record<string, ToolOverride>>;
  readonly limits?: LinkLimits;
}

export interface ToolOverride {
  readonly name?: string;
  readonly description?: string;
}

/** Absent: what `limits.ts` says. */
export interface LinkLimits {
  /** Milliseconds for one call. */
  readonly timeoutMs?: number;
  /** Bytes of one answer. */
  readonly answerBytes?: number;
  /** Calls at once. */
  readonly concurrent?: number;
}

/** How an upstream does, by its transport alone: what tools answer does not count. */
export interface LinkHealth {
  /** open: no call goes out before `retryAt`; half-open: one call finds out. */
  readonly breaker: "closed" | "open" | "half-open";
  /** Faults in a row. */
  readonly faults: number;
  readonly running: number;
  /** Milliseconds since 1970. */
  readonly retryAt?: number;
  readonly lastFault?: string;
}

export interface LinkState {
  readonly alias: string;
  readonly source: McpLink["source"];
  readonly state: "ready" | "unavailable" | "needs-secret" | "needs-connection";
  /** Final names, `<alias>__<tool>`. */
  readonly tools: readonly string[];
  readonly problem?: string;
  /** Tools that wait for `acceptTools`: neither listed nor called. */
  readonly quarantined?: readonly Quarantined[];
  /** What is suspicious about tools in use, by upstream name. */
  readonly flags?: Readonly<Record<string, readonly Flag[]>>;
  readonly health?: LinkHealth;
  /** Milliseconds since 1970: when its tools were asked for last. */
  readonly refreshedAt?: number;
}

export interface ToolCall {
  readonly actor: Actor;
  /** Final name, `<alias>__<tool>`. */
  readonly name: string;
  readonly arguments: unknown;
  readonly idempotencyKey?: string;
}
export interface FunctionCall {
  readonly actor: Actor;
  readonly name: string;
  readonly input: unknown;
}
