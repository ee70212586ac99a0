import { type Context, Hono } from "hono";
import type { Env } from "#edge/env";
import { bearer } from "#edge/identity/bearer";
import { authenticateKey } from "#edge/identity/keys";
import { createServices } from "#edge/services";
import { findWorkspace, knownWorkspace, notFound, workspaceStub } from "./directory.ts";
import { assertSameSite } from "./same-site.ts";
import { accountHeader } from "./visitor.ts";

type RouteContext = Context<{ Bindings: Env }, "/:slug">;

/** MCP of a workspace at `/ws/:slug`, its tools for other programs beside it; mounted at `/ws`. */
export const gatewayRoutes = new Hono<{ Bindings: Env }>();
gatewayRoutes.all("/:slug", (context) => serveWorkspace(context));
gatewayRoutes.get("/:slug/tools", (context) => serveWorkspace(context));
gatewayRoutes.post("/:slug/calls", (context) => serveWorkspace(context));

async function serveWorkspace(context: RouteContext): Promise<Response> {
  const { env, executionCtx } = context;
  const request = context.req.raw;
  assertSameSite(request, env);
  const services = () => createServices(env, request, executionCtx);
  const slug = context.req.param("slug");
  const identity = knownWorkspace(slug) ?? (await findWorkspace(services(), slug));
  if (!identity) throw notFound(slug);
  const stub = workspaceStub(env, identity.id);
  const key = bearer(request);
  if (!key?.startsWith("ak_") && !request.headers.has(accountHeader)) return stub.fetch(request);
  // The object trusts this header, so it never comes from outside.
  const headers = new Headers(request.headers);
  headers.delete(accountHeader);
  if (key?.startsWith("ak_")) {
    const actor = await authenticateKey(services(), key);
    if (actor) headers.set(accountHeader, JSON.stringify(actor));
  }
  return stub.fetch(new Request(request, { headers }));
}
