import { type Context, Hono } from "hono";
import { AerostackError, InputError } from "#blueprints/error";
import type { Env } from "#edge/env";
import { createServices, type Services } from "#edge/services";
import type { RunTrace } from "#edge/workflow/run-api";
import { readTrace, runStub } from "#edge/workflow/start";
import { mayRead } from "./reader.ts";

type RouteContext = Context<{ Bindings: Env }, "/:id">;

/** Traces of runs; mounted at `/runs`. */
export const runRoutes = new Hono<{ Bindings: Env }>();
runRoutes.get("/:id", async (context) => {
  const { trace } = await open(context);
  return context.json(toWire(trace), 200, { "cache-control": "no-store" });
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
  const id = context.req.param("id");
  const reader = await mayRead(services, request);
  const trace = /^run_[0-9a-z]{26}$/.test(id)
    ? await readTrace(services.env, id).catch((error: unknown) => {
        if (error instanceof AerostackError && error.code === "run.not-found") return undefined;
        throw error;
      })
    : undefined;
  if (trace && (await reader(trace.workspaceId))) return { services, trace };
  throw new InputError("run.not-found", `There is no run "${id.slice(0, 64)}".`, { status: 404 });
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

/** The trace as it goes over the wire: times as ISO 8601, names in snake case. */
function toWire(trace: RunTrace) {
  const { id, workspaceId: _, startedAt, endedAt, steps, ...rest } = trace;
  return {
    run_id: id,
    ...rest,
    started_at: iso(startedAt),
    ...(endedAt === undefined ? {} : { ended_at: iso(endedAt), duration_ms: endedAt - startedAt }),
    steps: steps.map(({ startedAt: from, endedAt: to, durationMs, ...step }) => ({
      ...step,
      started_at: iso(from),
      ...(to === undefined ? {} : { ended_at: iso(to), duration_ms: durationMs }),
    })),
  };
}
