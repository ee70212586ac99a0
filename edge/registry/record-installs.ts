import { and, eq, ne, sql } from "drizzle-orm";
import { installs, registryEntries } from "#edge/db/tables/registry";
import type { Services } from "#edge/services";

interface Installed {
  readonly id: string;
  readonly compiled: {
    readonly from?: { readonly slug: string; readonly version: string; readonly integrity: string };
  };
}

/**
 * Which workspace has which entry, pinned to version and hash. A workspace counts once an entry,
 * however often it deploys it, and an entry's own publisher never counts.
 */
export async function recordInstalls(
  services: Services,
  { workspaceId, accountId }: { readonly workspaceId: string; readonly accountId: string },
  installed: readonly Installed[],
): Promise<void> {
  const { db } = services;
  const now = services.now();
  for (const { id, compiled } of installed) {
    if (!compiled.from) continue;
    const { slug, version, integrity } = compiled.from;
    const pinned = { version, integrity, resourceId: id };
    const first = sql`NOT EXISTS (SELECT 1 FROM ${installs} WHERE ${installs.workspaceId} = ${workspaceId} AND ${installs.slug} = ${slug})`;
    await db.batch([
      db
        .update(registryEntries)
        .set({ installs: sql`${registryEntries.installs} + 1` })
        .where(
          and(eq(registryEntries.slug, slug), ne(registryEntries.accountId, accountId), first),
        ),
      db
        .insert(installs)
        .values({ workspaceId, slug, ...pinned, createdAt: now })
        .onConflictDoUpdate({ target: [installs.workspaceId, installs.slug], set: pinned }),
    ]);
  }
}
