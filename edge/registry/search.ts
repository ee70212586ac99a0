import { and, desc, eq, or, sql } from "drizzle-orm";
import { registryEntries, registryVersions } from "#edge/db/tables/registry";
import type { AccountActor } from "#edge/identity/actor";
import type { Services } from "#edge/services";
import type { SearchAnswer, SearchHit } from "./answers.ts";
import type { EntryKind } from "./entry.ts";
import { toMatchExpression } from "./match-expression.ts";
import type { EntryRow, VersionRow } from "./resolve.ts";

export interface SearchRequest {
  /** Words; empty: the most installed entries. */
  readonly query: string;
  readonly kind?: EntryKind | undefined;
  /** 1 to 50, default 10. */
  readonly limit?: number | undefined;
}

/** A name says most, then tags, then the description; a readme mentions many things. */
const relevance = sql<number>`bm25(registry_search, 10.0, 3.0, 5.0, 1.0)`;

/** Full-text search over the latest versions that the actor may see; installs break ties. */
export async function searchRegistry(
  services: Services,
  actor: AccountActor | undefined,
  { query, kind, limit = 10 }: SearchRequest,
): Promise<SearchAnswer> {
  const match = toMatchExpression(query);
  if (match === undefined && query.trim() !== "") return { hits: [] };
  const visible = eq(registryEntries.visibility, "public");
  const scope = and(
    eq(registryVersions.version, registryEntries.latest),
    actor ? or(visible, eq(registryEntries.accountId, actor.accountId)) : visible,
    ...(kind ? [eq(registryEntries.kind, kind)] : []),
  );
  const bounded = Math.min(Math.max(limit, 1), 50);
  const score = match === undefined ? sql<number>`0` : relevance;
  const found = services.db
    .select({ entry: registryEntries, version: registryVersions, score })
    .from(registryEntries)
    .innerJoin(registryVersions, eq(registryVersions.slug, registryEntries.slug))
    .$dynamic();
  const rows = await (
    match === undefined
      ? found.where(scope)
      : found
          .innerJoin(sql`registry_search`, sql`registry_search.rowid = ${registryEntries.id}`)
          .where(and(sql`registry_search MATCH ${match}`, scope))
  )
    .orderBy(score, desc(registryEntries.installs), registryEntries.slug)
    .limit(bounded);
  return { hits: rows.map(toHit) };
}

function toHit(row: { entry: EntryRow; version: VersionRow; score: number }): SearchHit {
  const { entry, version } = row;
  const { definition } = version;
  return {
    slug: entry.slug,
    version: version.version,
    reference: `${entry.slug}@${version.version}`,
    kind: entry.kind,
    description: version.description,
    tags: version.tags,
    installs: entry.installs,
    visibility: entry.visibility,
    // SQLite's rank is negative, better ones lower.
    score: -row.score,
    ...(definition.kind === "function"
      ? { input: definition.input, output: definition.output }
      : {}),
    ...(definition.kind === "mcp" ? { tools: definition.tools.map((tool) => tool.name) } : {}),
    ...(entry.similarTo.length > 0 ? { similarTo: entry.similarTo } : {}),
    needs: { secrets: [...definition.secrets], egress: [...definition.egress] },
  };
}
