import type { SecretDeclaration } from "#blueprints/blueprint";
import type { DeployedSummary, SecretSummary, WorkspaceSummary } from "#edge/deploy/answers";
import type { EntryKind, Visibility } from "#edge/registry/entry";

export interface PublishAnswer {
  /** `@user/name`. */
  readonly slug: string;
  readonly version: string;
  /** `sha256-<base64>`. */
  readonly integrity: string;
  readonly visibility: Visibility;
  /** URL by dialect: mcp, openai, gemini, anthropic. */
  readonly adapters: Readonly<Record<string, string>>;
  /** What others pass to `install` or write as `use`: `@user/name@1.0.0`. */
  readonly install: string;
  readonly url: string;
  /** Entries of others that were there first and whose name looks like this one's. */
  readonly similarTo?: readonly string[];
}

export interface SearchHit {
  readonly slug: string;
  readonly version: string;
  /** `@user/name@1.0.0`. */
  readonly reference: string;
  readonly kind: EntryKind;
  readonly description: string;
  readonly tags: string[];
  readonly installs: number;
  readonly visibility: Visibility;
  /** Higher is better; comparable within one search only. */
  readonly score: number;
  /** Functions: JSON Schemas. */
  readonly input?: Record<string, unknown>;
  readonly output?: Record<string, unknown>;
  /** MCP servers: tool names. */
  readonly tools?: string[];
  /** Entries of other publishers, public before, whose name looks like this one's. */
  readonly similarTo?: string[];
  readonly needs: { readonly secrets: SecretDeclaration[]; readonly egress: string[] };
}

export interface SearchAnswer {
  readonly hits: SearchHit[];
}

export interface InstallAnswer {
  readonly slug: string;
  readonly version: string;
  readonly integrity: string;
  readonly workspace: WorkspaceSummary;
  readonly resource: DeployedSummary;
  readonly secrets: SecretSummary[];
  /** As in a search: make sure that it is not one of these that was meant. */
  readonly similarTo?: readonly string[];
}

export interface YankAnswer {
  readonly slug: string;
  readonly version: string;
  readonly integrity: string;
  readonly yanked: boolean;
}
