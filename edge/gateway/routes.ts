import { type Context, Hono } from "hono";
import { InputError } from "#blueprints/error";
import type { Env } from "#edge/env";
import { bearer } from "#edge/identity/bearer";
import { authenticateKey } from "#edge/identity/keys";
import { createServices } from "#edge/services";
import { findWorkspace, notFound, workspaceStub } from "./directory.ts";
import { assertSameSite } from "./same-site.ts";
import { accountHeader } from "./visitor.ts";

type RouteContext = Context<{ Bindings: Env }, "/:slug">;

/** MCP of a workspace at `/ws/:slug`; mounted at `/ws`. */
export const gatewayRoutes = new Hono<{ Bindings: Env }>();
gatewayRoutes.all("/:slug", (context) => serveWorkspace(context));

async function serveWorkspace(context: RouteContext): Promise<Response> {
  const { env, executionCtx } = context;
  const request = context.req.raw;
  assertSameSite(request, env);
  if (new URL(request.url).searchParams.has("token")) {
    throw new InputError("token.in-url", "A token does not belong into a URL.", {
      fix: "Send it as `Authorization: Bearer wt_...`.",
    });
  }
  const services = createServices(env, request, executionCtx);
  const slug = context.req.param("slug");
  const identity = await findWorkspace(services, slug);
  if (!identity) throw notFound(slug);
  const stub = workspaceStub(env, identity.id);
  const key = bearer(request);
  if (!key?.startsWith("ak_") && !request.headers.has(accountHeader)) return stub.fetch(request);
  // The object trusts this header, so it never comes from outside.
  const headers = new Headers(request.headers);
  headers.delete(accountHeader);
  if (key?.startsWith("ak_")) {
    const actor = await authenticateKey(services, key);
    if (actor) headers.set(accountHeader, JSON.stringify(actor));
  }
  return stub.fetch(new Request(request, { headers }));
}
