import { type Context, Hono } from "hono";
import type { Env } from "#edge/env";
import { createServices, type Services } from "#edge/services";
import { findRun } from "#edge/workflow/find-run";
import type { RunTrace } from "#edge/workflow/run-api";
import { runStub } from "#edge/workflow/start";
import { toWireTrace } from "#edge/workflow/wire-trace";
import { mayRead } from "./reader.ts";

type RouteContext = Context<{ Bindings: Env }, "/:id">;

/** Traces of runs; mounted at `/runs`. */
export const runRoutes = new Hono<{ Bindings: Env }>();
runRoutes.get("/:id", async (context) => {
  const { trace } = await open(context);
  return context.json(toWireTrace(trace), 200, { "cache-control": "no-store" });
});
runRoutes.get("/:id/events", async (context) => {
  const { services, trace } = await open(context);
  const lastId = context.req.header("last-event-id");
  const headers = lastId === undefined ? {} : { "last-event-id": lastId };
  return runStub(services.env, trace.id).fetch(new Request("https://run/events", { headers }));
});

/** @throws InputError 401 without a credential, 404 for a run that the caller may not read */
async function open(context: RouteContext): Promise<{ services: Services; trace: RunTrace }> {
  const request = context.req.raw;
  const services = createServices(context.env, request, context.executionCtx);
  const reader = await mayRead(services, request);
  return { services, trace: await findRun(services.env, context.req.param("id"), reader) };
}
