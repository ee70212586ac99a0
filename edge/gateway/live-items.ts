import type { Effect } from "#blueprints/node";
import type { SecretDeclaration, Workflow } from "#blueprints/blueprint";
import type { MemberActor } from "#edge/identity/actor";
import type { CompiledCode } from "#edge/isolates/isolate";

/** A deployed resource version, complete: nothing is looked up when it is called. */
export type LiveItem =
  | { kind: "function"; name: string; version: number; definition: LiveFunction }
  | { kind: "mcp"; name: string; version: number; definition: LiveMcp }
  | { kind: "skill"; name: string; version: number; definition: LiveSkill }
  | { kind: "workflow"; name: string; version: number; definition: LiveWorkflow }
  | { kind: "endpoint"; name: string; version: number; definition: LiveEndpoint }
  | { kind: "webhook"; name: string; version: number; definition: LiveWebhook }
  | { kind: "schedule"; name: string; version: number; definition: LiveSchedule }
  | { kind: "bot"; name: string; version: number; definition: LiveBot };

export interface LiveFunction {
  readonly description: string;
  readonly input: Record<string, unknown>;
  readonly output: Record<string, unknown>;
  readonly effect: Effect;
  readonly code: CompiledCode;
  readonly egress: readonly string[];
  readonly secrets: readonly string[];
  /** The entry that it came from, `@user/name@1.0.0`. */
  readonly from?: string;
}
export interface LiveMcp {
  readonly description: string;
  readonly code: CompiledCode;
  readonly egress: readonly string[];
  readonly secrets: readonly string[];
  readonly from?: string;
}
export interface LiveSkill {
  readonly description: string;
  readonly instructions: string;
  readonly functions: readonly string[];
  readonly from?: string;
}
/** A workflow with everything that it refers to, pinned: a run takes this along whole. */
export interface LiveWorkflow {
  readonly workflow: Workflow;
  /** By the reference that nodes use: a name or `@user/name@version`. */
  readonly functions: Readonly<Record<string, LiveFunction>>;
  readonly egress: readonly string[];
  readonly secrets: readonly SecretDeclaration[];
}
export interface LiveEndpoint {
  readonly workflow: string;
  readonly description: string;
  readonly auth: "token" | "public";
  /** Absent: none is made. */
  readonly callback?: {
    readonly secret: string;
    /** Those of the secret, as declared with the endpoint. */
    readonly hosts: readonly string[];
    readonly url?: string;
  };
}
export interface LiveWebhook {
  readonly id: string;
  readonly workflow: string;
  readonly sender: string;
  readonly secret?: string;
}
export interface LiveSchedule {
  readonly workflow: string;
  readonly cron: string;
  readonly timezone: string;
  /** Absent (deployed before there was a choice): `once`. */
  readonly missed?: "once" | "skip" | "all";
  /** Absent: `allow`. */
  readonly overlap?: "allow" | "skip" | "queue" | "replace";
  readonly input?: unknown;
}
export interface LiveBot {
  readonly id: string;
  readonly workflow: string;
  /** By name: those that it talks on. */
  readonly platforms: Readonly<Record<string, LiveBotPlatform>>;
}
export interface LiveBotPlatform {
  /** Names of secrets by role: those that verify what comes, and never leave. */
  readonly verifying: Readonly<Record<string, string>>;
  /** Those that go out with what the bot says, and all hosts that they go to. */
  readonly sending: Readonly<Record<string, string>>;
  readonly hosts: readonly string[];
}

/** By the endpoint in front of it, or by its own name. */
export type WorkflowQuery = ({ readonly endpoint: string } | { readonly workflow: string }) & {
  /** A member token to look at. */
  readonly token?: string;
  /** Tag of the definition that the asker still has. */
  readonly known?: string;
};
export interface OpenedWorkflow {
  /** Whose token it is; absent: nobody's. */
  readonly member?: MemberActor;
  /** Absent: asked for by workflow, or none of this name is live. */
  readonly endpoint?: LiveEndpoint;
  /** Absent: not live. */
  readonly workflow?: {
    readonly version: number;
    readonly tag: string;
    /** Absent: the asker has it, `tag` is what it knows. */
    readonly definition?: LiveWorkflow;
  };
  /** As many runs are under way as the workspace may have. */
  readonly isFull: boolean;
}
