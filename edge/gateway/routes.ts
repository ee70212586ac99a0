import { type Context, Hono } from "hono";
import { InputError } from "#blueprints/error";
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
gatewayRoutes.all("/:slug", (context) => serveOrRelease(context));
gatewayRoutes.get("/:slug/tools", (context) => serveOrRelease(context));
gatewayRoutes.post("/:slug/calls", (context) => serveOrRelease(context));

async function serveOrRelease(context: RouteContext): Promise<Response> {
  try {
    return await serveWorkspace(context);
  } catch (error) {
    // A body that nobody will read must be let go of, or the runtime complains about it later.
    await context.req.raw.body?.cancel().catch(() => undefined);
    throw error;
  }
}

async function serveWorkspace(context: RouteContext): Promise<Response> {
  const { env, executionCtx } = context;
  const request = context.req.raw;
  assertSameSite(request, env);
  assertNoTokenInUrl(request.url);
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

/** URLs end up in logs and histories. */
function assertNoTokenInUrl(url: string): void {
  if (!url.includes("?") || !new URL(url).searchParams.has("token")) return;
  throw new InputError("token.in-url", "A token does not belong into a URL.", {
    fix: "Send it as `Authorization: Bearer wt_...`.",
  });
}
