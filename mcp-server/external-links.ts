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
    .map(({ alias, source, state, tools, problem }) => ({
      name: alias,
      kind: "mcp",
      workspace,
      source,
      state,
      tools,
      ...(problem ? { problem } : {}),
    }));
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
