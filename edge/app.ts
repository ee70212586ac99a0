import { Hono } from "hono";
import { AerostackError, InputError, toWireError } from "#blueprints/error";
import type { Env } from "#edge/env";

export type App = Hono<{ Bindings: Env }>;

/** Every route that is not MCP, mounted; the one place where an error becomes an HTTP answer. */
export function createApp(): App {
  const app: App = new Hono<{ Bindings: Env }>();
  app.get("/healthz", (context) => context.json({ status: "ok" }));
  app.notFound((context) => {
    const error = new InputError("http.not-found", `There is nothing at ${context.req.path}.`, {
      fix: "See the routes in /docs.",
    });
    return context.json({ error: toWireError(error) }, 404);
  });
  app.onError((error, context) => {
    const status = error instanceof AerostackError ? error.status : 500;
    return Response.json({ error: toWireError(error) }, { status, headers: context.res.headers });
  });
  return app;
}
