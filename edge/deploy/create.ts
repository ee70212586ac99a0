import type { Blueprint, SecretDeclaration } from "#blueprints/blueprint";
import { checkBlueprint } from "#blueprints/check";
import { InputError } from "#blueprints/error";
import type { Issue } from "#blueprints/issue";
import { unwrap } from "#blueprints/outcome";
import type { KnownResources } from "#blueprints/checks/check";
import { needsOf } from "#edge/bots/live-bot";
import { openWorkspace } from "#edge/gateway/directory";
import type { AccountActor } from "#edge/identity/actor";
import { nodes } from "#edge/nodes/index";
import type { ResolvedEntry } from "#edge/registry/entry";
import { resolveReference } from "#edge/registry/resolve";
import type { Services } from "#edge/services";
import type { CreateAnswer } from "./answers.ts";
import { compileBlueprint } from "./compile.ts";
import { once } from "./idempotency.ts";
import { knownIn } from "./known.ts";
import { placeFor, summariseWorkspace } from "./place.ts";
import { entriesUsedBy } from "./requirements.ts";
import { declareSecrets, summariseSecrets } from "./secrets.ts";
import { storeVersions } from "./store.ts";

export interface CreateRequest {
  /** Checked here; anything that is not a sound blueprint is refused with its issues. */
  readonly blueprint: unknown;
  /** Slug; made if absent. Default: the blueprint's own, else its name. */
  readonly workspace?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

/**
 * Stores a blueprint as drafts: nothing takes traffic. An item that did not change since it was
 * created last keeps its version. Throws `blueprint.invalid` with `details.issues`.
 */
export async function createResources(
  services: Services,
  actor: AccountActor,
  { idempotencyKey, ...request }: CreateRequest,
): Promise<CreateAnswer> {
  const { secretNames, slug, ...stored } = await once(
    services,
    actor,
    { tool: "create", key: idempotencyKey, request },
    () => createDrafts(services, actor, request),
  );
  // One-time links are not part of what is remembered: at rest there are only hashes of them.
  const place = await openWorkspace(services, actor, slug);
  const secrets = await summariseSecrets(services, actor, place, secretNames);
  return { ...stored, secrets };
}

async function createDrafts(
  services: Services,
  actor: AccountActor,
  request: Omit<CreateRequest, "idempotencyKey">,
): Promise<Omit<CreateAnswer, "secrets"> & { secretNames: string[]; slug: string }> {
  const named = request.workspace ?? workspaceIn(request.blueprint);
  const known = await knownIn(services, actor, named);
  const { blueprint, warnings } = checked(request.blueprint, known);
  const where = request.workspace ?? blueprint.workspace;
  const entries = await resolveAll(services, actor, entriesUsedBy(blueprint), where);
  const place = await placeFor(services, actor, blueprint, request.workspace);
  const items = await compileBlueprint(blueprint, {
    entries,
    liveFunction: async (name) => {
      const live = unwrap(await place.stub.getLive("function", name));
      return live?.kind === "function" ? live.definition : undefined;
    },
  });
  const declarations = secretsOf(blueprint, entries);
  await declareSecrets(place, declarations);
  const { blueprintId, resources } = await storeVersions(services, {
    actor,
    workspaceId: place.identity.id,
    blueprint,
    items,
  });
  return {
    blueprintId,
    workspace: summariseWorkspace(services, place.identity),
    resources,
    warnings,
    secretNames: declarations.map(({ name }) => name),
    slug: place.identity.slug,
  };
}

/** The workspace that a document names, before it is known to be a blueprint. */
function workspaceIn(document: unknown): unknown {
  return { ...(document as { workspace?: unknown } | null) }.workspace;
}

function checked(
  document: unknown,
  known: KnownResources,
): { blueprint: Blueprint; warnings: Issue[] } {
  const { blueprint, issues } = checkBlueprint(document, nodes, known);
  const errors = issues.filter((issue) => issue.severity === "error");
  if (blueprint && errors.length === 0) return { blueprint, warnings: issues };
  const [first] = errors;
  throw new InputError(
    "blueprint.invalid",
    `The blueprint has ${errors.length} error${errors.length === 1 ? "" : "s"}; the first at ${first?.path || "its top"}: ${first?.message ?? "it is not a blueprint"}`,
    { fix: first?.fix ?? "Correct what `issues` names and call again.", details: { issues } },
  );
}

async function resolveAll(
  services: Services,
  actor: AccountActor,
  references: readonly string[],
  workspace: string | undefined,
): Promise<Map<string, ResolvedEntry>> {
  const resolved = new Map<string, ResolvedEntry>();
  await Promise.all(
    references.map(async (reference) => {
      resolved.set(reference, await resolveReference(services, reference, actor, workspace));
    }),
  );
  return resolved;
}

/** What the blueprint declares, then what the entries that it uses and its bots need beyond that. */
function secretsOf(
  blueprint: Blueprint,
  entries: ReadonlyMap<string, ResolvedEntry>,
): SecretDeclaration[] {
  const byName = new Map<string, SecretDeclaration>();
  for (const entry of entries.values()) {
    for (const secret of entry.definition.secrets) byName.set(secret.name, secret);
  }
  for (const secret of blueprint.bots.flatMap(needsOf)) byName.set(secret.name, secret);
  for (const secret of blueprint.secrets) byName.set(secret.name, secret);
  return [...byName.values()];
}
