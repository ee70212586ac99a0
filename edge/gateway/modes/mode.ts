import type { Actor } from "#edge/identity/actor";
import type { Catalogue } from "#edge/gateway/catalogue";
import type { WorkspaceIdentity } from "#edge/gateway/workspace-api";

/**
 * How a workspace shows its tools: all of them; two to find and call them; or one that runs code
 * against them. Only what is shown differs, never what may be called.
 */
export type ToolMode = "direct" | "search" | "code";

/** Tools that one member may use, above which they are found by search unless the URL says more. */
export const automaticSearchAbove = 200;

/** `?tools=` of a request; undefined: not said, or nothing that we know. */
export function modeOf(url: string): ToolMode | undefined {
  if (!url.includes("tools=")) return undefined;
  const said = new URL(url).searchParams.get("tools");
  return said === "direct" || said === "search" || said === "code" ? said : undefined;
}

interface ModeRoom {
  readonly catalogue: Catalogue;
  readonly identity: () => WorkspaceIdentity;
}

/** What was asked for, else what fits the number of tools that this actor may use. */
export function effectiveMode(room: ModeRoom, actor: Actor, asked: ToolMode | undefined): ToolMode {
  if (asked) return asked;
  const visible = room.catalogue.list(actor, room.identity()).length;
  return visible > automaticSearchAbove ? "search" : "direct";
}
