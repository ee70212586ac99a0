import { Hono } from "hono";
import { AerostackError, InputError, toWireError } from "#blueprints/error";
import type { ClientGuides } from "#edge/client-guide";
import { botRoutes } from "#edge/bots/routes";
import type { Env } from "#edge/env";
import { gatewayRoutes } from "#edge/gateway/routes";
import { challenge } from "#edge/identity/authenticate";
import { incidentOf } from "#edge/incident";
import { assertNoCredentialInUrl } from "#edge/no-credential-in-url";
import { oauthRoutes } from "#edge/oauth/routes";
import { runRoutes } from "#edge/observe/routes";
import { createPageRoutes } from "#edge/pages/routes";
import { registryRoutes } from "#edge/registry/routes";
import { answerRoutes } from "#edge/triggers/answer";
import { endpointRoutes } from "#edge/triggers/endpoint";
import { webhookRoutes } from "#edge/triggers/webhook-routes";

export type App = Hono<{ Bindings: Env }>;

/** Every route that is not MCP, mounted; the one place where an error becomes an HTTP answer. */
export function createApp(clients: ClientGuides): App {
  const app: App = new Hono<{ Bindings: Env }>();
  app.use(async (context, next) => {
    await next();
    // A body that nobody will read must be let go of, or the runtime complains about it later.
    const { raw } = context.req;
    if (!raw.bodyUsed) await raw.body?.cancel().catch(() => undefined);
  });
  app.use((context, next) => {
    assertNoCredentialInUrl(context.req.url);
    return next();
  });
  app.get("/healthz", (context) => context.json({ status: "ok" }));
  app.route("/", createPageRoutes(clients));
  app.route("/", oauthRoutes);
  app.route("/ws", gatewayRoutes);
  app.route("/e", endpointRoutes);
  app.route("/hooks", webhookRoutes);
  app.route("/bots", botRoutes);
  app.route("/runs", runRoutes);
  app.route("/runs", answerRoutes);
  app.route("/", registryRoutes);
  app.notFound((context) => {
    const error = new InputError("http.not-found", `There is nothing at ${context.req.path}.`, {
      fix: "MCP clients connect to /mcp or /ws/<slug>; /docs names the other addresses.",
    });
    return context.json({ error: toWireError(error) }, 404);
  });
  app.onError((error, context) => {
    const known = error instanceof AerostackError ? error : undefined;
    const status = known?.status ?? 500;
    const headers = new Headers(context.res.headers);
    if (known && status === 401) headers.set("WWW-Authenticate", challenge(known));
    if (known?.retryAfterMs !== undefined) {
      headers.set("Retry-After", String(Math.ceil(known.retryAfterMs / 1000)));
    }
    const wire = incidentOf(error) ?? toWireError(error);
    return Response.json({ error: wire }, { status, headers });
  });
  return app;
}
