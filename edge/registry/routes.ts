import { Hono } from "hono";
import type { Context } from "hono";
import { InputError } from "#blueprints/error";
import type { Env } from "#edge/env";
import { bearer } from "#edge/identity/bearer";
import { authenticateKey } from "#edge/identity/keys";
import type { AccountActor } from "#edge/identity/actor";
import { createServices, type Services } from "#edge/services";
import { findEntry } from "./resolve.ts";
import { officialRoutes } from "./official/routes.ts";

type RegistryContext = Context<{ Bindings: Env }>;

/** `/registry/@user/name[/:version]`, its adapters, and `/v0.1`, the official registry's read API. */
export const registryRoutes = new Hono<{ Bindings: Env }>();

registryRoutes.get("/registry/:user{@[^/]+}/:name/:version?", async (context) => {
  const { services, actor } = await open(context);
  const { user, name, version } = context.req.param();
  const reference = `${user}/${name}${version === undefined ? "" : `@${version}`}`;
  const { entry, version: found } = await findEntry(services, reference, actor);
  const url = `${services.baseUrl}/registry/${entry.slug}/${found.version}`;
  const { installs, latest, visibility, kind } = entry;
  const { description, readme, tags, definition, integrity, publishedAt } = found;
  const fixed = { slug: entry.slug, version: found.version, kind, description, integrity };
  const adapters = Object.keys(found.adapters).map(
    (dialect) => [dialect, `${url}/adapters/${dialect}.json`] as const,
  );
  const body = {
    ...fixed,
    readme,
    tags,
    definition,
    adapters: Object.fromEntries(adapters),
    published_at: new Date(publishedAt).toISOString(),
    // What changes stands only where the address names no version: the other answer is immutable.
    ...(version === undefined ? { installs, latest, visibility, similar_to: entry.similarTo } : {}),
  };
  return cached(context, body, {
    tag: version === undefined ? `${integrity}.${installs}.${visibility}` : integrity,
    immutable: version !== undefined && version !== "latest",
    isPublic: visibility === "public",
  });
});

registryRoutes.get("/registry/:user{@[^/]+}/:name/:version/adapters/:file", async (context) => {
  const { services, actor } = await open(context);
  const { user, name, version, file } = context.req.param();
  const { entry, version: found } = await findEntry(services, `${user}/${name}@${version}`, actor);
  const dialect = /^([a-z0-9-]+)\.json$/.exec(file)?.[1] ?? "";
  const adapters = Object.hasOwn(found.adapters, dialect) ? found.adapters[dialect] : undefined;
  if (!adapters) {
    throw new InputError("registry.no-dialect", `There is no adapter "${file}".`, {
      status: 404,
      fix: `Take one of: ${Object.keys(found.adapters).join(", ")}, each with .json behind it.`,
    });
  }
  const body = { slug: entry.slug, version: found.version, integrity: found.integrity, dialect };
  return cached(
    context,
    { ...body, tools: adapters },
    {
      tag: `${found.integrity}.${dialect}`,
      immutable: version !== "latest",
      isPublic: entry.visibility === "public",
    },
  );
});

registryRoutes.route("/v0.1", officialRoutes);

/** Private entries exist for their account's key only; without a valid key one sees what is public. */
async function open(
  context: RegistryContext,
): Promise<{ services: Services; actor: AccountActor | undefined }> {
  const services = createServices(context.env, context.req.raw, context.executionCtx);
  const key = bearer(context.req.raw);
  const actor = key === undefined ? undefined : await authenticateKey(services, key);
  return { services, actor };
}

interface Caching {
  /** Changes whenever the answer does. */
  readonly tag: string;
  readonly immutable: boolean;
  /** Shared caches may keep it. */
  readonly isPublic: boolean;
}

function cached(context: RegistryContext, body: unknown, caching: Caching): Response {
  const etag = `"${caching.tag}"`;
  const scope = caching.isPublic ? "public" : "private";
  const headers = {
    etag,
    vary: "authorization",
    "cache-control": `${scope}, ${caching.immutable ? "max-age=31536000, immutable" : "max-age=60"}`,
  };
  const known = context.req.header("if-none-match")?.split(",") ?? [];
  const same = known.some((tag) => tag.trim().replace(/^W\//, "") === etag);
  return same ? new Response(null, { status: 304, headers }) : Response.json(body, { headers });
}
