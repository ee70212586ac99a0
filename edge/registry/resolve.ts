import { and, eq, or } from "drizzle-orm";
import { ConfigurationError, InputError } from "#blueprints/error";
import { installs, registryEntries, registryVersions } from "#edge/db/tables/registry";
import { workspaces } from "#edge/db/tables/workspaces";
import type { AccountActor } from "#edge/identity/actor";
import type { Services } from "#edge/services";
import { integrityOf } from "./canonical.ts";
import type { EntryDefinition, ResolvedEntry } from "./entry.ts";

/** `@user/name`, with or without a version: `latest` stands for none. */
export interface EntryReference {
  readonly slug: string;
  readonly version?: string;
}

const referencePattern =
  /^(@[a-z0-9][a-z0-9-]{0,38}\/[a-z0-9][a-z0-9-]{0,62})(?:@(latest|\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?))?$/;

/** Throws `registry.bad-reference`. */
export function parseReference(reference: string): EntryReference {
  const match = referencePattern.exec(reference);
  const [, slug, version] = match ?? [];
  if (slug === undefined) {
    throw new InputError(
      "registry.bad-reference",
      `"${reference.slice(0, 200)}" is not a marketplace reference.`,
      { fix: "Write it as @user/name@1.2.3." },
    );
  }
  return version === undefined || version === "latest" ? { slug } : { slug, version };
}

export type EntryRow = typeof registryEntries.$inferSelect;
export type VersionRow = typeof registryVersions.$inferSelect;

/**
 * Entry and version, or `registry.not-found` (404): the same answer for what is not there and for
 * what is private to another account. Without an actor only public entries exist.
 */
export async function findEntry(
  services: Services,
  reference: string,
  actor?: AccountActor,
): Promise<{ entry: EntryRow; version: VersionRow }> {
  const { slug, version } = parseReference(reference);
  const visible = eq(registryEntries.visibility, "public");
  const row = await services.db
    .select({ entry: registryEntries, version: registryVersions })
    .from(registryEntries)
    .innerJoin(registryVersions, eq(registryVersions.slug, registryEntries.slug))
    .where(
      and(
        eq(registryEntries.slug, slug),
        eq(registryVersions.version, version ?? registryEntries.latest),
        actor ? or(visible, eq(registryEntries.accountId, actor.accountId)) : visible,
      ),
    )
    .get();
  if (row) return row;
  throw new InputError("registry.not-found", `There is no entry "${reference}".`, {
    fix: "Find the slug and version with search_registry.",
    status: 404,
  });
}

/**
 * One version with its code, verified: what is stored must still be what was published. A yanked
 * version is for a workspace (slug) alone that has it installed. Throws `registry.yanked` (410).
 */
export async function resolveReference(
  services: Services,
  reference: string,
  actor: AccountActor,
  workspace?: string,
): Promise<ResolvedEntry> {
  const { version, entry: found } = await findEntry(services, reference, actor);
  if (version.yankedAt !== null && !(await isPinned(services, actor, workspace, version))) {
    throw yanked(version, found);
  }
  const { slug, definition, compiled, integrity } = version;
  const entry = {
    slug,
    version: version.version,
    definition,
    ...(compiled ? { compiled } : {}),
  };
  if ((await entryIntegrity(entry)) === integrity) {
    return { ...entry, integrity, similarTo: found.similarTo };
  }
  throw new ConfigurationError(
    "registry.integrity-mismatch",
    `What is stored for "${slug}@${version.version}" is not what was published.`,
    { fix: "Do not use this version; ask its publisher for a new one." },
  );
}

async function isPinned(
  { db }: Services,
  { accountId }: AccountActor,
  workspace: string | undefined,
  { slug, version }: VersionRow,
): Promise<boolean> {
  if (workspace === undefined) return false;
  const pin = await db
    .select({ id: workspaces.id })
    .from(installs)
    .innerJoin(workspaces, eq(workspaces.id, installs.workspaceId))
    .where(
      and(
        eq(workspaces.slug, workspace),
        eq(workspaces.accountId, accountId),
        eq(installs.slug, slug),
        eq(installs.version, version),
      ),
    )
    .get();
  return pin !== undefined;
}

function yanked({ slug, version }: VersionRow, { latest }: EntryRow): InputError {
  return new InputError(
    "registry.yanked",
    `"${slug}@${version}" was taken back by its publisher.`,
    {
      status: 410,
      fix: latest === "" ? "Search for another entry." : `Use "${slug}@${latest}".`,
    },
  );
}

/** The hash of everything that an installer runs: slug, version, definition and compiled code. */
export async function entryIntegrity(entry: {
  readonly slug: string;
  readonly version: string;
  readonly definition: EntryDefinition;
  readonly compiled?: unknown;
}): Promise<string> {
  const { slug, version, definition, compiled } = entry;
  return integrityOf({ slug, version, definition, ...(compiled ? { compiled } : {}) });
}
