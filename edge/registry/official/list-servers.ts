import { and, eq, gte, or, sql } from "drizzle-orm";
import { InputError } from "#blueprints/error";
import { registryEntries, registryVersions } from "#edge/db/tables/registry";
import type { EntryRow, VersionRow } from "#edge/registry/resolve";
import type { Services } from "#edge/services";

export interface ListFilter {
  /** As `nextCursor` gave it. */
  readonly cursor?: string | undefined;
  /** 1 to 100, default 30. */
  readonly limit?: number | undefined;
  /** Part of the name or description. */
  readonly search?: string | undefined;
  /** RFC 3339. */
  readonly updatedSince?: string | undefined;
  /** `latest`, or exactly this one. */
  readonly version?: string | undefined;
}

export interface ListPage {
  readonly rows: { entry: EntryRow; version: VersionRow }[];
  readonly nextCursor?: string;
}

const bySlug = sql`${registryVersions.slug}, ${registryVersions.version}`;

/** Public MCP entries by name and version, a page at a time. Throws `registry.bad-query`. */
export async function listServers(services: Services, filter: ListFilter): Promise<ListPage> {
  const limit = Math.min(Math.max(Math.trunc(filter.limit ?? 30) || 30, 1), 100);
  const rows = await services.db
    .select({ entry: registryEntries, version: registryVersions })
    .from(registryEntries)
    .innerJoin(registryVersions, eq(registryVersions.slug, registryEntries.slug))
    .where(
      and(
        eq(registryEntries.kind, "mcp"),
        eq(registryEntries.visibility, "public"),
        ...after(filter.cursor),
        ...matching(filter.search),
        ...since(filter.updatedSince),
        ...ofVersion(filter.version),
      ),
    )
    .orderBy(bySlug)
    .limit(limit + 1);
  const page = rows.slice(0, limit);
  const last = page.at(-1)?.version;
  return {
    rows: page,
    ...(rows.length > limit && last ? { nextCursor: `${last.slug}:${last.version}` } : {}),
  };
}

function after(cursor: string | undefined) {
  if (!cursor) return [];
  const [slug, version, ...rest] = cursor.split(":");
  if (!slug || !version || rest.length > 0) throw badQuery(`The cursor "${cursor}" is not ours.`);
  return [sql`(${bySlug}) > (${slug}, ${version})`];
}

function matching(search: string | undefined) {
  if (!search) return [];
  const part = `%${search.slice(0, 200).replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
  const name = sql`('io.aerostack.' || substr(${registryVersions.slug}, 2))`;
  return [
    or(
      sql`${name} LIKE ${part} ESCAPE '\\'`,
      sql`${registryVersions.description} LIKE ${part} ESCAPE '\\'`,
    ),
  ];
}

function since(updatedSince: string | undefined) {
  if (!updatedSince) return [];
  const at = Date.parse(updatedSince);
  if (Number.isNaN(at)) throw badQuery(`updated_since "${updatedSince}" is not an RFC 3339 time.`);
  const { publishedAt, yankedAt } = registryVersions;
  return [or(gte(publishedAt, at), gte(yankedAt, at))];
}

function ofVersion(version: string | undefined) {
  if (!version) return [];
  const wanted = version === "latest" ? registryEntries.latest : version;
  return [eq(registryVersions.version, wanted)];
}

function badQuery(message: string): InputError {
  return new InputError("registry.bad-query", message, { fix: "Leave the parameter out." });
}
