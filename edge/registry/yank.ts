import { and, eq } from "drizzle-orm";
import { InputError } from "#blueprints/error";
import { registryVersions } from "#edge/db/tables/registry";
import type { AccountActor } from "#edge/identity/actor";
import type { Services } from "#edge/services";
import type { YankAnswer } from "./answers.ts";
import { checkSlug } from "./publish.ts";
import { findEntry } from "./resolve.ts";
import { markYanked } from "./store-entry.ts";

export interface YankRequest {
  /** `@name/entry`, of the account's own. */
  readonly slug: string;
  readonly version: string;
  /** False offers it again. */
  readonly yanked: boolean;
}

/**
 * Takes a published version back: no search and no new install finds it, its bytes stay, and where
 * it is installed it goes on running. Throws `registry.not-owner`, `registry.not-found`.
 */
export async function yank(
  services: Services,
  actor: AccountActor,
  { slug, version, yanked }: YankRequest,
): Promise<YankAnswer> {
  checkSlug(slug, actor);
  const found = await findEntry(services, `${slug}@${version}`, actor);
  if (version === "latest") {
    throw new InputError("registry.bad-version", "A version is taken back by its number.", {
      fix: `Name it: "${found.version.version}".`,
    });
  }
  await markYanked(services, { slug, version, yanked });
  return { slug, version, integrity: found.version.integrity, yanked };
}

/** Milliseconds since 1970 when the version was taken back; undefined for one that is on offer. */
export async function yankedSince(
  { db }: Services,
  { slug, version }: { readonly slug: string; readonly version: string },
): Promise<number | undefined> {
  const row = await db
    .select({ yankedAt: registryVersions.yankedAt })
    .from(registryVersions)
    .where(and(eq(registryVersions.slug, slug), eq(registryVersions.version, version)))
    .get();
  return row?.yankedAt ?? undefined;
}
