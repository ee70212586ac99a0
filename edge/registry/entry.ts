import type { FunctionResource, McpResource, SecretDeclaration } from "#blueprints/blueprint";
import type { Effect } from "#blueprints/node";
import type { CompiledCode } from "#edge/isolates/isolate";

/** What can be shared; workflows and bots live in blueprints. */
export const entryKinds = ["function", "skill", "mcp"] as const;
export type EntryKind = (typeof entryKinds)[number];

export type Visibility = "public" | "private";

/** What an installer receives; immutable, hashed into the integrity value. Never a secret's value. */
export type EntryDefinition = FunctionEntry | SkillEntry | McpEntry;

interface EntryBase {
  readonly name: string;
  readonly description: string;
  /** Names, purposes and hosts; each workspace enters its own values. */
  readonly secrets: readonly SecretDeclaration[];
  readonly egress: readonly string[];
}
export interface FunctionEntry extends EntryBase {
  readonly kind: "function";
  readonly code: string;
  readonly input: Record<string, unknown>;
  readonly output: Record<string, unknown>;
  readonly effect: Effect;
  readonly examples: FunctionResource["examples"];
}
export interface SkillEntry extends EntryBase {
  readonly kind: "skill";
  readonly instructions: string;
  /** By reference, `@user/name@1.0.0`, so that the skill works elsewhere. */
  readonly functions: readonly string[];
}
export interface McpEntry extends EntryBase {
  readonly kind: "mcp";
  /** Hosted: TypeScript. */
  readonly code?: string;
  /** External: its MCP endpoint. */
  readonly url?: string;
  readonly auth: McpResource["auth"];
  /** As the server listed them when it was published. */
  readonly tools: readonly EntryTool[];
}
export interface EntryTool {
  readonly name: string;
  readonly title?: string;
  readonly description: string;
  readonly input: Record<string, unknown>;
  readonly output?: Record<string, unknown>;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

/** One version, complete and verified against its integrity value. */
export interface ResolvedEntry {
  readonly slug: string;
  readonly version: string;
  readonly integrity: string;
  readonly definition: EntryDefinition;
  readonly compiled?: CompiledCode;
  /** Slugs of other publishers' entries whose name looks like this one's. */
  readonly similarTo: readonly string[];
}
