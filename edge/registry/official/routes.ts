import { and, eq } from "drizzle-orm";
import { Hono } from "hono";
import type { Context } from "hono";
import semver from "semver";
import { AerostackError } from "#blueprints/error";
import { registryEntries, registryVersions } from "#edge/db/tables/registry";
import type { Env } from "#edge/env";
import { createServices, type Services } from "#edge/services";
import { listServers } from "./list-servers.ts";
import { fromServerName, toServerResponse } from "./server-detail.ts";

type OfficialContext = Context<{ Bindings: Env }>;

/**
 * The official MCP registry's read API, so that its clients find our servers. Its errors are
 * `{error: "sentence"}`; unknown query parameters are ignored, as its clients send their own.
 */
export const officialRoutes = new Hono<{ Bindings: Env }>();

officialRoutes.get("/servers", async (context) => {
  const services = servicesOf(context);
  const { cursor, limit, search, updated_since: updatedSince, version } = context.req.query();
  const filter = {
    cursor,
    search,
    updatedSince,
    version,
    limit: limit ? Number(limit) : undefined,
  };
  const { rows, nextCursor } = await listServers(services, filter);
  const metadata = { count: rows.length, ...(nextCursor === undefined ? {} : { nextCursor }) };
  const servers = rows.map((row) => toServerResponse(services.baseUrl, row));
  return context.json({ servers, metadata });
});

officialRoutes.get("/servers/:name/versions", async (context) => {
  const services = servicesOf(context);
  const rows = await versionsOf(services, context.req.param("name"));
  if (rows.length === 0) return notFound(context);
  const servers = rows.map((row) => toServerResponse(services.baseUrl, row));
  return context.json({ servers, metadata: { count: servers.length } });
});

officialRoutes.get("/servers/:name/versions/:version", async (context) => {
  const services = servicesOf(context);
  const { name, version } = context.req.param();
  const rows = await versionsOf(services, name);
  const row = rows.find(
    ({ entry, version: found }) =>
      found.version === (version === "latest" ? entry.latest : version),
  );
  return row ? context.json(toServerResponse(services.baseUrl, row)) : notFound(context);
});

officialRoutes.onError((error, context) => {
  if (!(error instanceof AerostackError)) throw error;
  return context.json({ error: error.message }, error.kind === "input" ? 400 : 500);
});

/** Newest first. */
async function versionsOf(services: Services, name: string) {
  const slug = fromServerName(name);
  if (slug === undefined) return [];
  const rows = await services.db
    .select({ entry: registryEntries, version: registryVersions })
    .from(registryEntries)
    .innerJoin(registryVersions, eq(registryVersions.slug, registryEntries.slug))
    .where(
      and(
        eq(registryEntries.slug, slug),
        eq(registryEntries.kind, "mcp"),
        eq(registryEntries.visibility, "public"),
      ),
    );
  return rows.sort((a, b) => semver.rcompare(a.version.version, b.version.version));
}

function notFound(context: OfficialContext): Response {
  return context.json({ error: "Server not found" }, 404);
}

function servicesOf(context: OfficialContext): Services {
  return createServices(context.env, context.req.raw, context.executionCtx);
}
