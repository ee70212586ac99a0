import { and, eq } from "drizzle-orm";
import { InputError } from "#blueprints/error";
import { resourceVersions } from "#edge/db/tables/resources";
import { createId } from "#edge/id";
import type { AccountActor } from "#edge/identity/actor";
import type { Services } from "#edge/services";
import { activate } from "./activate.ts";
import type { RollbackAnswer } from "./answers.ts";
import { findResources, loadCandidate, type ResourceRow } from "./candidates.ts";
import { once } from "./idempotency.ts";
import { withDeployLock } from "./lock.ts";
import { openPlace } from "./place.ts";
import { preflight } from "./preflight.ts";
import { summariseDeployed } from "./summaries.ts";

export interface RollbackRequest {
  /** Id. */
  readonly resource: string;
  /** A version that took traffic once; absent: the one before the live one. */
  readonly version?: number | undefined;
  readonly idempotencyKey?: string | undefined;
}

/**
 * Lets an earlier version take traffic again, exactly as it was stored and tested: its code and
 * everything that it pinned. Throws `rollback.nothing-earlier`, `rollback.never-live`.
 */
export async function rollback(
  services: Services,
  actor: AccountActor,
  { idempotencyKey, ...request }: RollbackRequest,
): Promise<RollbackAnswer> {
  return once(services, actor, { tool: "rollback", key: idempotencyKey, request }, async () => {
    const found = await findResource(services, actor, request.resource);
    const place = await openPlace(services, actor, found.workspaceId);
    return withDeployLock(services, place.identity.id, async (lock) => {
      const row = await findResource(services, actor, request.resource);
      const version = await versionFor(services, row, request.version);
      const candidate = await loadCandidate(services, row, version);
      await preflight(services, actor, place, [candidate]);
      const deploymentId = createId("dep", services.now());
      const candidates = [candidate];
      await activate(services, { deploymentId, actor, place, lock, candidates, tests: [] });
      const resource = summariseDeployed(services, place, candidate, "live");
      return { deploymentId, resource, from: row.liveVersion, to: version };
    });
  });
}

async function findResource(
  services: Services,
  actor: AccountActor,
  id: string,
): Promise<ResourceRow> {
  const [row] = await findResources(services, actor, [id]);
  // findResources answers for every id or throws.
  return row as ResourceRow;
}

async function versionFor(
  services: Services,
  row: ResourceRow,
  wanted: number | undefined,
): Promise<number> {
  const version = wanted ?? row.previousVersion;
  if (version === null) {
    throw new InputError("rollback.nothing-earlier", `"${row.name}" has no earlier version.`, {
      fix: "Delete it, or deploy another version.",
      status: 409,
    });
  }
  const stored = await services.db
    .select({ deployedAt: resourceVersions.deployedAt })
    .from(resourceVersions)
    .where(and(eq(resourceVersions.resourceId, row.id), eq(resourceVersions.version, version)))
    .get();
  if (stored?.deployedAt) return version;
  throw new InputError(
    "rollback.never-live",
    `Version ${version} of "${row.name}" ${stored ? "was never live" : "does not exist"}.`,
    { fix: "Choose a version that was live, or deploy it, which tests it first.", status: 409 },
  );
}
