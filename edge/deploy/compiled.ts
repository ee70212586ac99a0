import type { ResourceKind } from "#blueprints/blueprint";
import type { McpLink } from "#edge/gateway/workspace-api";
import type { LiveItem } from "#edge/gateway/live-items";

/**
 * A resource version made ready at create time: a deploy looks nothing up, so that what was tested
 * is what goes live, and a rollback restores exactly what was.
 */
export interface CompiledResource {
  /** What the workspace serves; absent for external MCP servers, which are only linked. */
  readonly live?: LiveItem;
  /** For MCP servers: how the workspace reaches it. */
  readonly link?: McpLink;
  /** What has to be there before it takes traffic. */
  readonly requires: CompiledRequirements;
  /** The marketplace entry that it came from, pinned. */
  readonly from?: { readonly slug: string; readonly version: string; readonly integrity: string };
}

export interface CompiledRequirements {
  readonly secrets: readonly string[];
  /** Names of functions, skills and workflows of the same workspace. */
  readonly functions: readonly string[];
  readonly skills: readonly string[];
  readonly workflows: readonly string[];
  /** Aliases of MCP servers whose tools are called. */
  readonly mcps: readonly string[];
}

export const nothingRequired: CompiledRequirements = {
  secrets: [],
  functions: [],
  skills: [],
  workflows: [],
  mcps: [],
};

/** A blueprint item ready to be stored; its live item has no version yet (0) and no address. */
export interface CompiledItem {
  readonly kind: ResourceKind;
  readonly name: string;
  readonly definition: Record<string, unknown>;
  readonly compiled: CompiledResource;
}
