import type { Issue } from "#blueprints/issue";
import type { ResourceKind } from "#blueprints/blueprint";

/** What the life cycle answers: plain JSON, with the field names of the MCP tools in camelCase. */

export type ResourceState = "draft" | "live" | "failed";

export interface ResourceSummary {
  readonly kind: ResourceKind;
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly state: ResourceState;
}

export interface SecretSummary {
  readonly name: string;
  readonly purpose: string;
  readonly state: "set" | "missing";
  /** One-time page where a person types the value; only while it is missing. */
  readonly enterUrl?: string;
}

export interface WorkspaceSummary {
  readonly id: string;
  readonly slug: string;
  readonly gatewayUrl: string;
}

export interface CreateAnswer {
  readonly blueprintId: string;
  readonly workspace: WorkspaceSummary;
  readonly resources: ResourceSummary[];
  readonly secrets: SecretSummary[];
  readonly warnings: Issue[];
}

export interface TestEvidence {
  readonly name: string;
  readonly target: string;
  readonly passed: boolean;
  /** What was expected and did not come, each a sentence; empty when passed. */
  readonly failures: string[];
  readonly output?: unknown;
  readonly error?: { readonly code: string; readonly message: string; readonly fix?: string };
  /** Nodes that ran, in order. */
  readonly visited?: string[];
  readonly effects?: { readonly node: string; readonly target: string; readonly body?: unknown }[];
  readonly runId?: string;
  readonly durationMs: number;
}

export interface DeployedSummary extends ResourceSummary {
  /** Where it answers, by purpose: `gateway`, `endpoint`, `openapi`, `webhook`, a chat platform. */
  readonly urls: Readonly<Record<string, string>>;
}

export interface DeployAnswer {
  readonly deploymentId: string;
  /** `checked`: a dry run in which everything passed. */
  readonly state: "live" | "failed" | "checked";
  readonly workspace: WorkspaceSummary;
  readonly resources: DeployedSummary[];
  readonly tests: TestEvidence[];
  /** What a rollback restores: versions that took traffic before; null: none did. */
  readonly previous: {
    readonly kind: ResourceKind;
    readonly id: string;
    readonly name: string;
    readonly version: number | null;
  }[];
  /** Why it failed, in one sentence. */
  readonly reason?: string;
}

export interface RollbackAnswer {
  readonly deploymentId: string;
  readonly resource: DeployedSummary;
  readonly from: number | null;
  readonly to: number;
}
