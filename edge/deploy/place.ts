import { and, eq, isNull } from "drizzle-orm";
import type { Blueprint } from "#blueprints/blueprint";
import { AerostackError, InputError } from "#blueprints/error";
import { workspaces } from "#edge/db/tables/workspaces";
import {
  createWorkspace,
  findWorkspace,
  workspaceStub,
  type WorkspaceStub,
} from "#edge/gateway/directory";
import type { WorkspaceIdentity } from "#edge/gateway/workspace-api";
import type { AccountActor } from "#edge/identity/actor";
import type { Services } from "#edge/services";
import type { WorkspaceSummary } from "./answers.ts";

/** A workspace of the acting account. */
export interface Place {
  readonly identity: WorkspaceIdentity;
  readonly stub: WorkspaceStub;
}

/**
 * The workspace that a blueprint goes into, made if absent. A slug that the caller or the blueprint
 * names is meant: where it cannot be had, that is an error. A slug that only follows from the
 * blueprint's name gives way to one with the account's name behind it.
 */
export async function placeFor(
  services: Services,
  actor: AccountActor,
  blueprint: Blueprint,
  wanted?: string,
): Promise<Place> {
  const named = wanted ?? blueprint.workspace;
  if (named !== undefined) return ownPlace(services, actor, named);
  const slug = blueprint.name.replaceAll("_", "-").replace(/-+$/, "");
  try {
    return await ownPlace(services, actor, slug);
  } catch (error) {
    if (!(error instanceof AerostackError)) throw error;
    const second = `${slug}-${actor.name}`.slice(0, 40).replace(/-+$/, "");
    return ownPlace(services, actor, second);
  }
}

/** For a slug of another account this fails as it does for anyone who asks for a taken one. */
async function ownPlace(services: Services, actor: AccountActor, slug: string): Promise<Place> {
  const found = await findWorkspace(services, slug);
  const identity =
    found?.accountId === actor.accountId
      ? found
      : await createWorkspace(services, actor, { slug, name: slug });
  return { identity, stub: workspaceStub(services.env, identity.id) };
}

/** The workspace of a resource that the account owns. Throws `workspace.not-found`. */
export async function openPlace(
  services: Services,
  actor: AccountActor,
  workspaceId: string,
): Promise<Place> {
  const identity = await services.db
    .select({
      id: workspaces.id,
      slug: workspaces.slug,
      name: workspaces.name,
      accountId: workspaces.accountId,
    })
    .from(workspaces)
    .where(
      and(
        eq(workspaces.id, workspaceId),
        eq(workspaces.accountId, actor.accountId),
        isNull(workspaces.deletedAt),
      ),
    )
    .get();
  if (identity) return { identity, stub: workspaceStub(services.env, identity.id) };
  throw new InputError("workspace.not-found", `There is no workspace "${workspaceId}".`, {
    status: 404,
    fix: "List your workspaces.",
  });
}

export function summariseWorkspace(
  services: Services,
  { id, slug }: Pick<WorkspaceIdentity, "id" | "slug">,
): WorkspaceSummary {
  return { id, slug, gatewayUrl: `${services.baseUrl}/ws/${slug}` };
}
