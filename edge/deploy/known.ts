import type { KnownResources } from "#blueprints/checks/check";
import { unwrap } from "#blueprints/outcome";
import { platformNeeds } from "#edge/bots/live-bot";
import { findWorkspace, workspaceStub } from "#edge/gateway/directory";
import type { AccountActor } from "#edge/identity/actor";
import type { Services } from "#edge/services";

/**
 * What a blueprint for the workspace of this slug may refer to beside itself: what is live there and the
 * servers that are linked. One that is not there yet, or another account's, has nothing.
 */
export async function knownIn(
  services: Services,
  actor: AccountActor,
  slug: unknown,
): Promise<KnownResources> {
  const platforms = platformNeeds();
  const found = typeof slug === "string" ? await findWorkspace(services, slug) : undefined;
  if (found?.accountId !== actor.accountId) return { platforms };
  const { live, links } = unwrap(await workspaceStub(services.env, found.id).describe());
  const named = (...kinds: readonly string[]) =>
    live.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name);
  return {
    platforms,
    functions: named("function", "skill"),
    workflows: named("workflow"),
    // A step delegates to a workflow; whether that one talks is seen when it does.
    bots: named("bot", "workflow"),
    mcps: links.map(({ alias }) => alias),
  };
}
