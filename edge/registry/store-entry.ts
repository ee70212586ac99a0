import { eq, sql } from "drizzle-orm";
import semver from "semver";
import { InputError } from "#blueprints/error";
import { registryEntries, registrySearch, registryVersions } from "#edge/db/tables/registry";
import type { AccountActor } from "#edge/identity/actor";
import type { Services } from "#edge/services";
import type { Visibility } from "./entry.ts";
import type { VersionRow } from "./resolve.ts";

type NewVersion = Omit<VersionRow, "publishedAt" | "compiled"> & {
  readonly compiled?: VersionRow["compiled"];
  readonly visibility: Visibility;
};

/**
 * Entry, version and full-text row in one transaction: of two publications of one version at the
 * same moment exactly one succeeds. Throws `registry.version-exists`, `registry.other-kind`.
 */
export async function storeEntry(
  services: Services,
  actor: AccountActor,
  { visibility, ...version }: NewVersion,
): Promise<void> {
  const { db } = services;
  const { slug } = version;
  const { kind } = version.definition;
  const existing = await db
    .select()
    .from(registryEntries)
    .where(eq(registryEntries.slug, slug))
    .get();
  if (existing && existing.kind !== kind) throw otherKind(slug, existing.kind);
  const before = await versionsOf(services, slug);
  if (before.includes(version.version)) throw exists(slug, version.version);
  const now = services.now();
  const { accountId } = actor;
  const dates = { createdAt: now, updatedAt: now };
  const latest = highest([...before, version.version]);
  try {
    await db.batch([
      db
        .insert(registryEntries)
        .values({ slug, accountId, kind, visibility, latest, installs: 0, ...dates })
        .onConflictDoUpdate({ target: registryEntries.slug, set: { visibility, updatedAt: now } }),
      db
        .insert(registryVersions)
        .values({ ...version, compiled: version.compiled ?? null, publishedAt: now }),
      ...latestStatements(services, slug, latest),
    ]);
  } catch (cause) {
    // The key (slug, version): someone was faster, and everything above is undone.
    if ((await versionsOf(services, slug)).includes(version.version)) {
      throw exists(slug, version.version);
    }
    throw cause;
  }
  await settleLatest(services, slug, before.length + 1);
}

/**
 * The highest version is the latest one and the one that is found. Where another publication came
 * in between, it is decided again, so that whoever is last leaves the right one.
 */
async function settleLatest(services: Services, slug: string, expected: number): Promise<void> {
  for (let known = expected; ;) {
    const versions = await versionsOf(services, slug);
    if (versions.length === known) return;
    await services.db.batch(latestStatements(services, slug, highest(versions)));
    known = versions.length;
  }
}

async function versionsOf({ db }: Services, slug: string): Promise<string[]> {
  const rows = await db
    .select({ version: registryVersions.version })
    .from(registryVersions)
    .where(eq(registryVersions.slug, slug));
  return rows.map(({ version }) => version);
}

function latestStatements({ db }: Services, slug: string, latest: string) {
  return [
    db.update(registryEntries).set({ latest }).where(eq(registryEntries.slug, slug)),
    db
      .delete(registrySearch)
      .where(
        sql`rowid = (SELECT ${registryEntries.id} FROM ${registryEntries} WHERE ${registryEntries.slug} = ${slug})`,
      ),
    db.insert(registrySearch).select(sql`
      SELECT entry.id, replace(replace(entry.slug, '@', ''), '/', ' '), version.description,
        version.tags, version.readme
      FROM registry_entries entry JOIN registry_versions version
        ON version.slug = entry.slug AND version.version = entry.latest
      WHERE entry.slug = ${slug}`),
  ] as const;
}

/** A pre-release is the latest only where there is nothing else. */
function highest(versions: readonly string[]): string {
  const released = versions.filter((version) => semver.prerelease(version) === null);
  const sorted = semver.rsort(released.length > 0 ? released : [...versions]);
  return sorted[0] ?? "";
}

function exists(slug: string, version: string): InputError {
  return new InputError("registry.version-exists", `"${slug}@${version}" is published already.`, {
    status: 409,
    fix: "Choose a higher version: what is published never changes.",
  });
}

function otherKind(slug: string, kind: string): InputError {
  return new InputError("registry.other-kind", `"${slug}" is a ${kind}; its kind cannot change.`, {
    status: 409,
    fix: "Publish under another slug.",
  });
}
