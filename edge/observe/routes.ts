import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import { InputError } from "#blueprints/error";
import type { Env } from "#edge/env";
import { showRun, signInToRun } from "#edge/pages/run/page";
import { createServices, type Services } from "#edge/services";
import { readTrace, runStub } from "#edge/workflow/start";
import { type TracePage, tracePage } from "#edge/workflow/trace-page";
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
  const url = `https://run/${brief === undefined ? "" : "?brief"}`;
  const events = await runStub(services.env, id).stream(new Request(url, { headers }));
  return whileAllowed(events, async () => (await mayRead(services, request))(home));
});

async function showTrace(context: RouteContext): Promise<Response> {
  const services = servicesOf(context);
  const id = context.req.param("id");
  await openRun(services, context.req.raw, id);
  const trace = await readTrace(services.env, id, pageFrom(context.req.query()));
  return context.json(toWireTrace(trace), 200, { "cache-control": "no-store", vary: "accept" });
}

const page = z.object({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(tracePage.steps).default(tracePage.steps),
});

/** @throws InputError `run.bad-page` */
function pageFrom(query: Record<string, string>): TracePage {
  const asked = page.safeParse(query);
  if (asked.success) return asked.data;
  throw new InputError("run.bad-page", "There is no such page of steps.", {
    fix: `Send \`after\` as \`next_after\` of the page before, and \`limit\` from 1 to ${tracePage.steps}.`,
  });
}

function servicesOf(context: RouteContext): Services {
  return createServices(context.env, context.req.raw, context.executionCtx);
}
