import { and, eq, isNull } from "drizzle-orm";
import { BugError, InputError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import { workspaces } from "#edge/db/tables/workspaces";
import { createId } from "#edge/id";
import type { Actor } from "#edge/identity/actor";
import type { Services } from "#edge/services";
import { type WorkspaceStub, workspaceStub } from "./stub.ts";
import type { WorkspaceIdentity } from "./workspace-api.ts";

export { type WorkspaceStub, workspaceStub } from "./stub.ts";

const slugPattern = /^[a-z][a-z0-9-]{1,38}[a-z0-9]$/;
/** Names that a route, a page or a person could take for something else. */
const reservedSlugs = new Set(
  "account accounts admin aerostack api app assets auth bots docs e go healthz hooks login mcp new oauth public registry runs static support system v0 v1 well-known workspace workspaces ws www".split(
    " ",
  ),
);

/**
 * Identities by slug, in this isolate. Slugs are immutable, so an entry never becomes wrong; the
 * least recently added go first.
 */
const known = new Map<string, WorkspaceIdentity>();
const maximumKnown = 10_000;

/** What this isolate remembers; undefined says nothing. */
export function knownWorkspace(slug: string): WorkspaceIdentity | undefined {
  return known.get(slug);
}

export async function findWorkspace(
  services: Services,
  slug: string,
): Promise<WorkspaceIdentity | undefined> {
  const cached = known.get(slug);
  if (cached) return cached;
  if (!slugPattern.test(slug)) return undefined;
  const row = await services.db
    .select()
    .from(workspaces)
    .where(and(eq(workspaces.slug, slug), isNull(workspaces.deletedAt)))
    .get();
  return row && remember(row);
}

function remember({ id, slug, name, accountId }: WorkspaceIdentity): WorkspaceIdentity {
  const identity = { id, slug, name, accountId };
  const oldest = known.keys().next();
  if (known.size >= maximumKnown && !oldest.done) known.delete(oldest.value);
  known.set(slug, identity);
  return identity;
}

/** After a deletion; other isolates learn it from tokens, links and items that are gone. */
export function forgetWorkspace(slug: string): void {
  known.delete(slug);
}

/** Throws `workspace.not-found`, in the same words for one that is missing and one of others. */
export async function openWorkspace(
  services: Services,
  actor: Actor,
  slug: string,
): Promise<{ identity: WorkspaceIdentity; stub: WorkspaceStub }> {
  const identity = await findWorkspace(services, slug);
  if (!identity || !isInside(actor, identity)) throw notFound(slug);
  return { identity, stub: workspaceStub(services.env, identity.id) };
}

function isInside(actor: Actor, identity: WorkspaceIdentity): boolean {
  return actor.kind === "account"
    ? actor.accountId === identity.accountId
    : actor.workspaceId === identity.id;
}

export function notFound(slug: string): InputError {
  return new InputError("workspace.not-found", `There is no workspace "${slug}".`, {
    status: 404,
    fix: "Check the slug, or make it with create_workspace.",
  });
}

/** Throws `workspace.slug`, `workspace.slug-taken`. */
export async function createWorkspace(
  services: Services,
  actor: Actor,
  { slug, name }: { slug: string; name: string },
): Promise<WorkspaceIdentity> {
  if (actor.kind !== "account") {
    throw new InputError("workspace.account-only", "Only an account may make a workspace.", {
      status: 403,
      fix: "Use an account key (ak_...).",
    });
  }
  if (!slugPattern.test(slug) || reservedSlugs.has(slug)) {
    throw new InputError("workspace.slug", `The slug "${slug}" cannot be used.`, {
      fix: "Use 3 to 40 lower case letters, digits and -, starting with a letter, no reserved word.",
    });
  }
  const now = services.now();
  const identity = { id: createId("wks", now), slug, name, accountId: actor.accountId };
  const stored = await services.db
    .insert(workspaces)
    .values({ ...identity, createdAt: now })
    .onConflictDoNothing({ target: workspaces.slug })
    .returning({ id: workspaces.id });
  if (stored.length === 0) return adopt(services, actor.accountId, slug);
  unwrap(await workspaceStub(services.env, identity.id).initialise(identity));
  return remember(identity);
}

/**
 * The slug exists. Somebody else's is taken; one of this account whose object was never told, as
 * after a crash between the two writes, is told now and still answered as taken.
 */
async function adopt(
  services: Services,
  accountId: string,
  slug: string,
): Promise<WorkspaceIdentity> {
  const identity = await findWorkspace(services, slug);
  if (identity?.accountId === accountId) {
    unwrap(await workspaceStub(services.env, identity.id).initialise(identity));
  }
  throw new InputError("workspace.slug-taken", `The slug "${slug}" is taken.`, {
    status: 409,
    fix: "Choose another slug, or use the workspace if it is yours.",
  });
}

/** Every live workspace of an account, by slug. */
export async function listWorkspaces(
  services: Services,
  actor: Actor,
): Promise<WorkspaceIdentity[]> {
  if (actor.kind !== "account") throw new BugError("workspace.list", "Members list nothing here.");
  const rows = await services.db
    .select()
    .from(workspaces)
    .where(and(eq(workspaces.accountId, actor.accountId), isNull(workspaces.deletedAt)))
    .orderBy(workspaces.slug);
  return rows.map(({ id, slug, name, accountId }) => ({ id, slug, name, accountId }));
}
