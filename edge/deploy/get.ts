import { and, desc, eq, isNull, type SQL } from "drizzle-orm";
import { AerostackError, InputError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import { deployments, resources, resourceVersions } from "#edge/db/tables/resources";
import { openWorkspace } from "#edge/gateway/directory";
import type { AccountActor } from "#edge/identity/actor";
import { yankedSince } from "#edge/registry/yank";
import type { Services } from "#edge/services";
import { findRun } from "#edge/workflow/find-run";
import { type Candidate, findResources, loadCandidate, type ResourceRow } from "./candidates.ts";
import { openPlace, summariseWorkspace } from "./place.ts";
import {
  type ListableKind,
  listResources,
  needWorkspace,
  slugsOf,
  summariseRow,
} from "./resources.ts";
import { summariseDeployed } from "./summaries.ts";

export interface GetRequest {
  readonly kind: ListableKind;
  /** Id; or the name, with `workspace`; for a workspace its slug. */
  readonly id: string;
  readonly workspace?: string | undefined;
}

/**
 * One thing, whole. Throws `<kind>.not-found` (404) with the same words for what is missing and
 * what belongs to another account.
 */
export async function getResource(
  services: Services,
  actor: AccountActor,
  request: GetRequest,
): Promise<Record<string, unknown>> {
  const { kind, id, workspace } = request;
  switch (kind) {
    case "workspace": {
      const { identity, stub } = await openWorkspace(services, actor, id);
      return { ...summariseWorkspace(services, identity), ...unwrap(await stub.describe()) };
    }
    case "deployment":
      return getDeployment(services, actor, id);
    case "run":
      return { ...(await getRun(services, actor, id)) };
    case "member": {
      const { items } = await listResources(services, actor, { kind, workspace });
      const member = items.find(({ name }) => name === id);
      if (!member) throw missing(kind, id);
      return member;
    }
    case "token": {
      const { stub } = await openWorkspace(services, actor, needWorkspace(workspace, kind));
      const token = unwrap(await stub.listTokens()).find((row) => row.id === id);
      if (!token) throw missing(kind, id);
      return { ...token };
    }
    case "secret": {
      const { stub } = await openWorkspace(services, actor, needWorkspace(workspace, kind));
      const secret = unwrap(await stub.listSecrets()).find((row) => row.name === id);
      if (!secret) throw missing(kind, id);
      return { ...secret };
    }
    case "mcp":
    case "function":
    case "skill":
    case "workflow":
    case "bot":
    case "team":
    case "endpoint":
    case "webhook":
    case "schedule":
      return getVersioned(services, actor, await findVersioned(services, actor, request));
    default:
      return kind satisfies never;
  }
}

async function getVersioned(services: Services, actor: AccountActor, row: ResourceRow) {
  const slugs = await slugsOf(services, actor);
  const place = await openPlace(services, actor, row.workspaceId);
  const candidate = await loadCandidate(services, row, row.latestVersion);
  const versions = await services.db
    .select({
      version: resourceVersions.version,
      createdAt: resourceVersions.createdAt,
      deployedAt: resourceVersions.deployedAt,
    })
    .from(resourceVersions)
    .where(eq(resourceVersions.resourceId, row.id))
    .orderBy(desc(resourceVersions.version));
  const { urls } = summariseDeployed(services, place, candidate, "live");
  return {
    ...summariseRow(row, slugs.get(row.workspaceId)),
    blueprintId: row.blueprintId,
    previousVersion: row.previousVersion,
    definition: candidate.definition,
    from: await originOf(services, candidate.compiled.from),
    requires: candidate.compiled.requires,
    urls: row.liveVersion === null ? {} : urls,
    versions,
  };
}

/** The entry that was installed; a publisher may have taken its version back since. */
async function originOf(services: Services, from: Candidate["compiled"]["from"]) {
  if (!from) return undefined;
  const yankedAt = await yankedSince(services, from);
  return { ...from, ...(yankedAt === undefined ? {} : { yankedAt }) };
}

/** By id, or by kind and name in a workspace. Throws `<kind>.not-found`. */
export async function findVersioned(
  services: Services,
  actor: AccountActor,
  { kind, id, workspace }: GetRequest,
): Promise<ResourceRow> {
  if (workspace === undefined || id.startsWith("res_")) {
    const [row] = await findResources(services, actor, [id]).catch(noneIfMissing);
    if (row?.kind === kind) return row;
    throw missing(kind, id);
  }
  const { identity } = await openWorkspace(services, actor, workspace);
  const row = await services.db
    .select()
    .from(resources)
    .where(
      and(
        eq(resources.workspaceId, identity.id),
        eq(resources.kind, kind),
        eq(resources.name, id),
        isNull(resources.deletedAt),
      ),
    )
    .get();
  if (row) return row;
  throw missing(kind, id);
}

async function getDeployment(services: Services, actor: AccountActor, id: string) {
  const own: SQL | undefined = and(
    eq(deployments.id, id),
    eq(deployments.accountId, actor.accountId),
  );
  const row = await services.db.select().from(deployments).where(own).get();
  if (!row) throw missing("deployment", id);
  const { workspaceId, accountId: _accountId, ...rest } = row;
  return { ...rest, workspace: (await slugsOf(services, actor)).get(workspaceId) };
}

/** The trace of a run in one of the account's workspaces. Throws `run.not-found`. */
export async function getRun(services: Services, actor: AccountActor, id: string) {
  const isOwn = async (workspaceId: string) => (await slugsOf(services, actor)).has(workspaceId);
  return findRun(services.env, id, isOwn);
}

/** Only "not found" is worded anew here; any other failure stays what it is. */
function noneIfMissing(error: unknown): [] {
  if (error instanceof AerostackError && error.status === 404) return [];
  throw error;
}

/** The one wording for what is not there and what is another account's. */
export function missing(kind: string, id: string): InputError {
  return new InputError(`${kind}.not-found`, `There is no ${kind} "${id.slice(0, 200)}".`, {
    status: 404,
    fix: `List what there is with kind ${kind}.`,
  });
}
