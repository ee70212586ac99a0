import { and, eq, isNull, sql } from "drizzle-orm";
import semver from "semver";
import { InputError } from "#blueprints/error";
import { registryEntries, registrySearch, registryVersions } from "#edge/db/tables/registry";
import type { AccountActor } from "#edge/identity/actor";
import type { Services } from "#edge/services";
import type { Visibility } from "./entry.ts";
import { compareToOthers, entryName, shapeOf } from "./lookalike.ts";
import type { EntryRow, VersionRow } from "./resolve.ts";

type NewVersion = Omit<VersionRow, "publishedAt" | "yankedAt" | "compiled"> & {
  readonly compiled?: VersionRow["compiled"];
  readonly visibility: Visibility;
};

/**
 * Entry, version and full-text row in one transaction: of two publications of one version at the
 * same moment exactly one succeeds. Throws `registry.version-exists`, `registry.other-kind`,
 * `registry.lookalike`.
 * @returns public entries of others whose name looks like this one's
 */
export async function storeEntry(
  services: Services,
  actor: AccountActor,
  { visibility, ...version }: NewVersion,
): Promise<string[]> {
  const { db } = services;
  const { slug } = version;
  const { kind } = version.definition;
  const existing = await db
    .select()
    .from(registryEntries)
    .where(eq(registryEntries.slug, slug))
    .get();
  if (existing && existing.kind !== kind) throw otherKind(slug, existing.kind);
  if (await isPublished(services, version)) throw exists(slug, version.version);
  const similarTo = await similarEntries(services, actor, { slug, visibility }, existing);
  const shapes = { slugShape: shapeOf(slug), nameShape: shapeOf(entryName(slug)), similarTo };
  const now = services.now();
  const { accountId } = actor;
  const dates = { createdAt: now, updatedAt: now };
  const latest = highest([...(await availableVersions(services, slug)), version.version]);
  try {
    await db.batch([
      db
        .insert(registryEntries)
        .values({ slug, accountId, kind, visibility, latest, installs: 0, ...shapes, ...dates })
        .onConflictDoUpdate({
          target: registryEntries.slug,
          set: { visibility, similarTo, updatedAt: now },
        }),
      db
        .insert(registryVersions)
        .values({ ...version, compiled: version.compiled ?? null, publishedAt: now }),
      ...latestStatements(services, slug, latest),
    ]);
  } catch (cause) {
    // The key (slug, version): someone was faster, and everything above is undone.
    if (await isPublished(services, version)) throw exists(slug, version.version);
    throw cause;
  }
  await settleLatest(services, slug, latest);
  return similarTo;
}

/** What was public first keeps its name, whatever others publish later. */
async function similarEntries(
  services: Services,
  actor: AccountActor,
  { slug, visibility }: Pick<EntryRow, "slug" | "visibility">,
  existing: EntryRow | undefined,
): Promise<string[]> {
  if (existing?.visibility === "public") return existing.similarTo;
  return visibility === "public" ? compareToOthers(services, actor, slug) : [];
}

async function isPublished(
  { db }: Services,
  { slug, version }: Pick<VersionRow, "slug" | "version">,
): Promise<boolean> {
  const same = and(eq(registryVersions.slug, slug), eq(registryVersions.version, version));
  return (
    (await db.select({ slug: registryVersions.slug }).from(registryVersions).where(same)).length > 0
  );
}

/** Takes a version that there is back, or offers it again. */
export async function markYanked(
  services: Services,
  { slug, version, yanked }: { slug: string; version: string; yanked: boolean },
): Promise<void> {
  const others = (await availableVersions(services, slug)).filter((one) => one !== version);
  const latest = highest(yanked ? others : [...others, version]);
  const yankedAt = yanked ? services.now() : null;
  const which = and(eq(registryVersions.slug, slug), eq(registryVersions.version, version));
  await services.db.batch([
    services.db.update(registryVersions).set({ yankedAt }).where(which),
    ...latestStatements(services, slug, latest),
  ]);
  await settleLatest(services, slug, latest);
}

/**
 * The highest version is the latest one and the one that is found. Where another publication came
 * in between, it is decided again, so that whoever is last leaves the right one.
 */
async function settleLatest(services: Services, slug: string, decided: string): Promise<void> {
  for (let known = decided; ;) {
    const latest = highest(await availableVersions(services, slug));
    if (latest === known) return;
    await services.db.batch(latestStatements(services, slug, latest));
    known = latest;
  }
}

/** Without those that are yanked. */
async function availableVersions({ db }: Services, slug: string): Promise<string[]> {
  const rows = await db
    .select({ version: registryVersions.version })
    .from(registryVersions)
    .where(and(eq(registryVersions.slug, slug), isNull(registryVersions.yankedAt)));
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
