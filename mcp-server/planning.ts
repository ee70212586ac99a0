import { unwrap } from "#blueprints/outcome";
import { listWorkspaces, workspaceStub } from "#edge/gateway/directory";
import type { AccountActor } from "#edge/identity/actor";
import { resolveModel } from "#edge/models/resolve";
import { nodes } from "#edge/nodes/index";
import { searchRegistry } from "#edge/registry/search";
import type { Services } from "#edge/services";
import type { PlannerTools, PlanRequest } from "#planner/request";

/** What the planner works with on this platform: its nodes, its marketplace, its model. */
export function plannerTools(services: Services, actor: AccountActor): PlannerTools {
  const model = resolveModel(services.env);
  return {
    catalogue: nodes,
    async searchRegistry(query) {
      const { hits } = await searchRegistry(services, actor, { query });
      return hits.map((hit) => ({
        slug: hit.slug,
        version: hit.version,
        kind: hit.kind,
        name: hit.slug.slice(hit.slug.indexOf("/") + 1),
        description: hit.description,
        installs: hit.installs,
        ...(hit.input ? { input: hit.input } : {}),
        ...(hit.output ? { output: hit.output } : {}),
      }));
    },
    ...(model ? { model } : {}),
    now: () => services.now(),
  };
}

/**
 * The functions and tools that a workspace has, so that a plan uses them instead of making more. A
 * workspace that `create` will make has none yet.
 */
export async function existingIn(
  services: Services,
  actor: AccountActor,
  slug: string,
): Promise<NonNullable<PlanRequest["existing"]>> {
  const workspace = (await listWorkspaces(services, actor)).find((one) => one.slug === slug);
  if (!workspace) return {};
  const stub = workspaceStub(services.env, workspace.id);
  const [description, tools] = await Promise.all([stub.describe(), stub.listTools(actor)]);
  const names = unwrap(description)
    .live.filter((one) => one.kind === "function")
    .map((one) => one.name);
  const functions = await Promise.all(
    names.map(async (name) => unwrap(await stub.getLive("function", name))),
  );
  return {
    functions: functions.flatMap((item) =>
      item?.kind === "function"
        ? [
            {
              name: item.name,
              description: item.definition.description,
              input: item.definition.input,
              output: item.definition.output,
            },
          ]
        : [],
    ),
    tools: unwrap(tools)
      .filter((tool) => !names.includes(tool.name))
      .map((tool) => ({
        name: tool.name,
        description: tool.description ?? "",
        inputSchema: tool.inputSchema,
      })),
  };
}
