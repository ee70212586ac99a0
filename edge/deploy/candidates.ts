import { and, eq, inArray, isNull } from "drizzle-orm";
import type { Blueprint, ResourceKind } from "#blueprints/blueprint";
import { InputError } from "#blueprints/error";
import { blueprints } from "#edge/db/tables/drafts";
import { resources, resourceVersions } from "#edge/db/tables/resources";
import type { AccountActor } from "#edge/identity/actor";
import type { Services } from "#edge/services";
import type { CompiledResource } from "./compiled.ts";

/** A resource version that is about to take traffic. */
export interface Candidate {
  readonly id: string;
  readonly kind: ResourceKind;
  readonly name: string;
  readonly version: number;
  /** The version that takes traffic now; null: none. */
  readonly from: number | null;
  readonly workspaceId: string;
  readonly blueprintId: string;
  readonly definition: Record<string, unknown>;
  readonly compiled: CompiledResource;
}

export interface DeploySelection {
  /** Ids: the latest version of each. */
  readonly resources?: readonly string[] | undefined;
  /** Everything that this `create` stored, in the versions that it stored. */
  readonly blueprintId?: string | undefined;
}

/** Throws `deploy.nothing-selected`, `resource.not-found`, `deploy.several-workspaces`. */
export async function selectCandidates(
  services: Services,
  actor: AccountActor,
  selection: DeploySelection,
): Promise<Candidate[]> {
  const wanted = new Map<string, number | undefined>();
  if (selection.blueprintId !== undefined) {
    const stored = await loadBlueprint(services, actor, selection.blueprintId);
    for (const { id, version } of stored.resources) wanted.set(id, version);
  }
  for (const id of selection.resources ?? []) if (!wanted.has(id)) wanted.set(id, undefined);
  if (wanted.size === 0) {
    throw new InputError("deploy.nothing-selected", "There is nothing to deploy.", {
      fix: "Pass `resources`, ids from create, or its `blueprint_id`.",
    });
  }
  const rows = await findResources(services, actor, [...wanted.keys()]);
  const candidates = await Promise.all(
    rows.map(async (row) => {
      const version = wanted.get(row.id);
      const candidate = await loadCandidate(services, row, version ?? row.latestVersion);
      // A version that a blueprint chose is tested with the tests of that blueprint.
      return version === undefined || selection.blueprintId === undefined
        ? candidate
        : { ...candidate, blueprintId: selection.blueprintId };
    }),
  );
  if (new Set(rows.map((row) => row.workspaceId)).size > 1) {
    throw new InputError("deploy.several-workspaces", "The resources are in several workspaces.", {
      fix: "Deploy each workspace on its own.",
    });
  }
  return candidates;
}

export type ResourceRow = typeof resources.$inferSelect;

/** The rows of all ids, or `resource.not-found` for the first that is missing or foreign. */
export async function findResources(
  services: Services,
  actor: AccountActor,
  ids: readonly string[],
): Promise<ResourceRow[]> {
  const rows: ResourceRow[] = [];
  // D1 takes at most 100 parameters a statement.
  for (let at = 0; at < ids.length; at += 90) {
    rows.push(
      ...(await services.db
        .select()
        .from(resources)
        .where(
          and(
            inArray(resources.id, ids.slice(at, at + 90)),
            eq(resources.accountId, actor.accountId),
            isNull(resources.deletedAt),
          ),
        )),
    );
  }
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => {
    const row = byId.get(id);
    if (row) return row;
    throw new InputError("resource.not-found", `There is no resource "${id}".`, {
      fix: "Give its id, `res_...`, as create answered it; `list` shows it by kind.",
      status: 404,
    });
  });
}

/** One stored version of a resource. Throws `resource.no-version`. */
export async function loadCandidate(
  services: Services,
  row: ResourceRow,
  version: number,
): Promise<Candidate> {
  const stored = await services.db
    .select()
    .from(resourceVersions)
    .where(and(eq(resourceVersions.resourceId, row.id), eq(resourceVersions.version, version)))
    .get();
  if (!stored) {
    throw new InputError("resource.no-version", `"${row.name}" has no version ${version}.`, {
      fix: `Choose one from 1 to ${row.latestVersion}.`,
      status: 404,
    });
  }
  return {
    id: row.id,
    kind: row.kind as ResourceKind,
    name: row.name,
    version,
    from: row.liveVersion,
    workspaceId: row.workspaceId,
    blueprintId: row.blueprintId,
    definition: stored.definition,
    compiled: stored.compiled,
  };
}

/** What a `create` stored. Throws `blueprint.not-found`. */
export async function loadBlueprint(
  services: Services,
  actor: AccountActor,
  id: string,
): Promise<{ document: Blueprint; resources: { id: string; version: number }[] }> {
  const row = await services.db
    .select()
    .from(blueprints)
    .where(and(eq(blueprints.id, id), eq(blueprints.accountId, actor.accountId)))
    .get();
  if (row) return { document: row.document as Blueprint, resources: row.resources };
  throw new InputError("blueprint.not-found", `There is no blueprint "${id}".`, {
    fix: "Call create first; it answers with the blueprint's id.",
    status: 404,
  });
}
