import { unwrap } from "#blueprints/outcome";
import { openWorkspace } from "#edge/gateway/directory";
import type { Caller } from "./run-access.ts";

/** Links that `connect_mcp` made: they live in the workspace alone, without versions. */
export async function listExternalLinks(
  { services, actor }: Caller,
  workspace: string,
  known: ReadonlySet<unknown>,
): Promise<Record<string, unknown>[]> {
  const { stub } = await openWorkspace(services, actor, workspace);
  return unwrap(await stub.listLinks())
    .filter((link) => !known.has(link.alias))
    .map(({ alias, source, state, tools, problem, ...link }) => ({
      name: alias,
      kind: "mcp",
      workspace,
      source,
      state,
      tools,
      ...(problem ? { problem } : {}),
      ...(link.health ? { health: link.health } : {}),
      quarantined: link.quarantined?.length ?? 0,
    }));
}

/** Such a link whole, with what is quarantined and why; undefined: there is none. */
export async function getExternal(
  { services, actor }: Caller,
  workspace: string,
  alias: string,
): Promise<Record<string, unknown> | undefined> {
  const { stub } = await openWorkspace(services, actor, workspace);
  const link = unwrap(await stub.listLinks()).find((one) => one.alias === alias);
  if (link?.source.kind !== "external") return undefined;
  return { name: alias, kind: "mcp", workspace, ...link };
}

/** Takes such a link away; false: there is none. */
export async function unlinkExternal(
  { services, actor }: Caller,
  workspace: string,
  alias: string,
): Promise<boolean> {
  const { stub } = await openWorkspace(services, actor, workspace);
  const link = unwrap(await stub.listLinks()).find((one) => one.alias === alias);
  if (link?.source.kind !== "external") return false;
  unwrap(await stub.unlinkMcp(alias));
  return true;
}
