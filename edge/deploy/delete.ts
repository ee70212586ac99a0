import { and, eq, isNull } from "drizzle-orm";
import { ConfigurationError, InputError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import { bots, resources, resourceVersions, webhooks } from "#edge/db/tables/resources";
import { workspaces } from "#edge/db/tables/workspaces";
import { forgetWorkspace, openWorkspace } from "#edge/gateway/directory";
import type { AccountActor } from "#edge/identity/actor";
import type { Services } from "#edge/services";
import { disconnect } from "./activate.ts";
import { type Candidate, loadCandidate, type ResourceRow } from "./candidates.ts";
import { findVersioned, type GetRequest, missing } from "./get.ts";
import { withDeployLock } from "./lock.ts";
import { openPlace, type Place } from "./place.ts";
import { needWorkspace } from "./resources.ts";

/**
 * Takes one thing away for good; calls to it fail from the next one on. Its history (deployments,
 * runs, the call log) stays, except that of a deleted workspace, which is erased. Throws `<kind>.not-found`, `resource.in-use`, `delete.not-deletable`.
 */
export async function deleteResource(
  services: Services,
  actor: AccountActor,
  request: GetRequest,
): Promise<{ deleted: { kind: string; id: string; name: string } }> {
  const { kind, id, workspace } = request;
  switch (kind) {
    case "workspace":
      return deleteWorkspace(services, actor, id);
    case "deployment":
    case "run":
      throw new InputError("delete.not-deletable", `A ${kind} is a record and is kept.`, {
        fix: kind === "run" ? "Stop it with control_run." : "Use rollback to go back.",
      });
    case "member": {
      const { stub } = await openWorkspace(services, actor, needWorkspace(workspace, kind));
      const { revoked } = unwrap(await stub.revokeToken({ member: id }));
      if (revoked.length === 0) throw missing(kind, id);
      return { deleted: { kind, id, name: id } };
    }
    case "token": {
      const { stub } = await openWorkspace(services, actor, needWorkspace(workspace, kind));
      const { revoked } = unwrap(await stub.revokeToken({ id }));
      if (revoked.length === 0) throw missing(kind, id);
      return { deleted: { kind, id, name: id } };
    }
    case "secret": {
      const { stub } = await openWorkspace(services, actor, needWorkspace(workspace, kind));
      const known = unwrap(await stub.listSecrets()).some(({ name }) => name === id);
      if (!known) throw missing(kind, id);
      unwrap(await stub.deleteSecret(id));
      return { deleted: { kind, id, name: id } };
    }
    case "mcp":
    case "function":
    case "skill":
    case "workflow":
    case "bot":
    case "team":
    case "endpoint":
    case "webhook":
    case "schedule": {
      const row = await findVersioned(services, actor, request);
      const place = await openPlace(services, actor, row.workspaceId);
      await withDeployLock(services, place.identity.id, () =>
        deleteVersioned(services, place, row),
      );
      return { deleted: { kind, id: row.id, name: row.name } };
    }
    default:
      return kind satisfies never;
  }
}

async function deleteVersioned(services: Services, place: Place, row: ResourceRow): Promise<void> {
  if (row.liveVersion !== null) {
    await refuseInUse(services, row);
    await disconnect(services, place, [await loadCandidate(services, row, row.liveVersion)]);
  }
  await services.db.batch([
    services.db
      .update(resources)
      .set({ deletedAt: services.now(), liveVersion: null })
      .where(eq(resources.id, row.id)),
    services.db
      .delete(webhooks)
      .where(
        and(
          eq(webhooks.workspaceId, row.workspaceId),
          eq(webhooks.name, row.kind === "webhook" ? row.name : ""),
        ),
      ),
    services.db
      .delete(bots)
      .where(
        and(
          eq(bots.workspaceId, row.workspaceId),
          eq(bots.name, row.kind === "bot" ? row.name : ""),
        ),
      ),
  ]);
}

const listOf = {
  function: "functions",
  skill: "skills",
  workflow: "workflows",
  mcp: "mcps",
} as const;

/** What is live and needs this one would break. */
async function refuseInUse(services: Services, row: ResourceRow): Promise<void> {
  if (!Object.hasOwn(listOf, row.kind)) return;
  const list = listOf[row.kind as keyof typeof listOf];
  const users = await services.db
    .select({ kind: resources.kind, name: resources.name, compiled: resourceVersions.compiled })
    .from(resources)
    .innerJoin(
      resourceVersions,
      and(
        eq(resourceVersions.resourceId, resources.id),
        eq(resourceVersions.version, resources.liveVersion),
      ),
    )
    .where(and(eq(resources.workspaceId, row.workspaceId), isNull(resources.deletedAt)));
  const user = users.find(({ compiled }) => compiled.requires[list].includes(row.name));
  if (!user) return;
  throw new ConfigurationError(
    "resource.in-use",
    `The ${row.kind} "${row.name}" is used by the ${user.kind} "${user.name}", which is live.`,
    { fix: `Delete the ${user.kind} "${user.name}" first, or deploy a version without it.` },
  );
}

async function deleteWorkspace(services: Services, actor: AccountActor, slug: string) {
  const place = await openWorkspace(services, actor, slug);
  const { id, name } = place.identity;
  await withDeployLock(services, id, async () => {
    // Tokens first: whatever fails after this, nobody gets in any more.
    for (const token of unwrap(await place.stub.listTokens())) {
      if (token.revokedAt === undefined) unwrap(await place.stub.revokeToken({ id: token.id }));
    }
    await disconnect(services, place, await everythingLive(services, id));
    const { links, live, secrets } = unwrap(await place.stub.describe());
    for (const { alias } of links) unwrap(await place.stub.unlinkMcp(alias));
    unwrap(await place.stub.removeLive(live));
    for (const secret of secrets) unwrap(await place.stub.deleteSecret(secret.name));
    const now = services.now();
    await services.db.batch([
      services.db.update(workspaces).set({ deletedAt: now }).where(eq(workspaces.id, id)),
      services.db
        .update(resources)
        .set({ deletedAt: now, liveVersion: null })
        .where(and(eq(resources.workspaceId, id), isNull(resources.deletedAt))),
      services.db.delete(webhooks).where(eq(webhooks.workspaceId, id)),
      services.db.delete(bots).where(eq(bots.workspaceId, id)),
    ]);
    unwrap(await place.stub.erase());
    forgetWorkspace(slug);
  });
  return { deleted: { kind: "workspace", id, name } };
}

async function everythingLive(services: Services, workspaceId: string): Promise<Candidate[]> {
  const rows = await services.db
    .select()
    .from(resources)
    .where(and(eq(resources.workspaceId, workspaceId), isNull(resources.deletedAt)));
  const live = rows.map((row) =>
    row.liveVersion === null ? [] : [loadCandidate(services, row, row.liveVersion)],
  );
  return Promise.all(live.flat());
}
