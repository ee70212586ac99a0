import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Env } from "#edge/env";
import { showRun, signInToRun } from "#edge/pages/run/page";
import { createServices, type Services } from "#edge/services";
import { readTrace, runStub } from "#edge/workflow/start";
import { toWireTrace } from "#edge/workflow/wire-trace";
import { mayRead, openRun, whileAllowed } from "./reader.ts";

type RouteContext = Context<{ Bindings: Env }, "/:id">;

/** Traces of runs, and the page where a person sees one; mounted at `/runs`. */
export const runRoutes = new Hono<{ Bindings: Env }>();
runRoutes.get("/:id", (context) => {
  // A browser names it; whoever takes anything is a program.
  const wantsPage = context.req.header("accept")?.includes("text/html") === true;
  return wantsPage ? showRun(context, servicesOf(context)) : showTrace(context);
});
runRoutes.post("/:id", bodyLimit({ maxSize: 4096 }), (context) =>
  signInToRun(context, servicesOf(context)),
);
runRoutes.get("/:id/events", async (context) => {
  const services = servicesOf(context);
  const id = context.req.param("id");
  const request = context.req.raw;
  const home = await openRun(services, request, id);
  const { after, brief } = context.req.query();
  // A browser says it from the second time on; at first the page knows what it shows already.
  const lastId = context.req.header("last-event-id") ?? after;
  const headers = lastId === undefined ? {} : { "last-event-id": lastId };
  const url = `https://run/events${brief === undefined ? "" : "?brief"}`;
  const events = await runStub(services.env, id).fetch(new Request(url, { headers }));
  return whileAllowed(events, async () => (await mayRead(services, request))(home));
});

async function showTrace(context: RouteContext): Promise<Response> {
  const services = servicesOf(context);
  const id = context.req.param("id");
  await openRun(services, context.req.raw, id);
  const trace = await readTrace(services.env, id);
  return context.json(toWireTrace(trace), 200, { "cache-control": "no-store", vary: "accept" });
}

function servicesOf(context: RouteContext): Services {
  return createServices(context.env, context.req.raw, context.executionCtx);
}
