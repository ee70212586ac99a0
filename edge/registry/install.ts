import type { BlueprintInput } from "#blueprints/blueprint";
import { InputError } from "#blueprints/error";
import { activate } from "#edge/deploy/activate";
import { type Candidate, selectCandidates } from "#edge/deploy/candidates";
import { createResources } from "#edge/deploy/create";
import { once } from "#edge/deploy/idempotency";
import { withDeployLock } from "#edge/deploy/lock";
import { openPlace } from "#edge/deploy/place";
import { summariseSecrets } from "#edge/deploy/secrets";
import { summariseDeployed } from "#edge/deploy/summaries";
import { openWorkspace } from "#edge/gateway/directory";
import { createId } from "#edge/id";
import type { AccountActor } from "#edge/identity/actor";
import type { Services } from "#edge/services";
import type { InstallAnswer } from "./answers.ts";
import type { ResolvedEntry } from "./entry.ts";
import { resolveReference } from "./resolve.ts";

export interface InstallRequest {
  /** `@user/name@1.0.0`; without a version the latest. */
  readonly entry: string;
  /** Slug of a workspace of the account. */
  readonly workspace: string;
  /** Its name there; default: the entry's own. */
  readonly alias?: string | undefined;
  /** `sha256-...` as someone saw it: anything else is refused. */
  readonly integrity?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

/**
 * Puts an entry into a workspace, live at once and pinned to version and hash. Its publisher's
 * version was tested when it went live there. Secrets that it needs are declared; until a person
 * has entered them, calls that use them fail and say so.
 */
export async function install(
  services: Services,
  actor: AccountActor,
  { idempotencyKey, ...request }: InstallRequest,
): Promise<InstallAnswer> {
  const { identity, stub } = await openWorkspace(services, actor, request.workspace);
  const { secretNames, ...answer } = await once(
    services,
    actor,
    { tool: "install", key: idempotencyKey, request },
    () => installOnce(services, actor, request),
  );
  const place = { identity, stub };
  return { ...answer, secrets: await summariseSecrets(services, actor, place, secretNames) };
}

async function installOnce(
  services: Services,
  actor: AccountActor,
  request: Omit<InstallRequest, "idempotencyKey">,
): Promise<Omit<InstallAnswer, "secrets"> & { secretNames: string[] }> {
  const entry = await resolveReference(services, request.entry, actor, request.workspace);
  if (request.integrity !== undefined && request.integrity !== entry.integrity) {
    throw otherIntegrity(entry, request.integrity);
  }
  const blueprint = blueprintFor(entry, request.alias ?? entry.definition.name);
  const created = await createResources(services, actor, {
    blueprint,
    workspace: request.workspace,
  });
  const place = await openPlace(services, actor, created.workspace.id);
  return withDeployLock(services, place.identity.id, async (lock) => {
    const { blueprintId } = created;
    const candidates = await selectCandidates(services, actor, { blueprintId });
    const deploymentId = createId("dep", services.now());
    const activation = { deploymentId, actor, place, lock, candidates, tests: [] };
    await activate(services, { ...activation, unreachableIsFine: true });
    // The blueprint has exactly one item.
    const resource = summariseDeployed(services, place, candidates[0] as Candidate, "live");
    const { slug, version, integrity, definition, similarTo } = entry;
    const secretNames = definition.secrets.map(({ name }) => name);
    const pinned = { slug, version, integrity, workspace: created.workspace, resource };
    return { ...pinned, ...(similarTo.length > 0 ? { similarTo } : {}), secretNames };
  });
}

/** The smallest blueprint that uses the entry: an install is a deploy like any other. */
function blueprintFor(entry: ResolvedEntry, name: string): BlueprintInput {
  const use = `${entry.slug}@${entry.version}`;
  const { definition } = entry;
  const item = { name, use };
  switch (definition.kind) {
    case "function":
      return { name, functions: [item] };
    case "skill":
      return { name, skills: [item] };
    case "mcp":
      return { name, mcps: [item] };
    default:
      return definition satisfies never;
  }
}

function otherIntegrity(entry: ResolvedEntry, expected: string): InputError {
  return new InputError(
    "registry.integrity-mismatch",
    `"${entry.slug}@${entry.version}" has the hash ${entry.integrity}, not ${expected}.`,
    { status: 409, fix: "Check with the publisher which hash is right before installing it." },
  );
}
