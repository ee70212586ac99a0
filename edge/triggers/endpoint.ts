import { type Context, Hono } from "hono";
import { InputError, toWireError } from "#blueprints/error";
import type { Env } from "#edge/env";
import { findWorkspace } from "#edge/gateway/directory";
import { bearer } from "#edge/identity/bearer";
import { mayRead, whileAllowed } from "#edge/observe/reader";
import { createServices, type Services } from "#edge/services";
import { runUrl } from "#edge/workflow/find-run";
import type { RunRequest, RunResult } from "#edge/workflow/run-api";
import { createRunId, runIdOf } from "#edge/workflow/run-id";
import { executeRun, runStub, startRun } from "#edge/workflow/start";
import { toWireWait } from "#edge/workflow/wire-trace";
import { fingerprintOf, openWorkflow, toRunRequest } from "./live-workflow.ts";
import { parseJson, readRaw } from "./body.ts";
import { callbackOf } from "./callback.ts";
import { admit, type Caller, type EndpointPlace } from "./caller.ts";
import { describeEndpoint } from "./openapi.ts";

type RouteContext = Context<{ Bindings: Env }, "/:workspace/:name">;

/** Milliseconds that a caller waits before the answer becomes 202 with a place to look. */
const defaultWaitMs = 30_000;
const longestWaitMs = 60_000;

/** Agent endpoints: a workflow as an API; mounted at `/e`. */
export const endpointRoutes = new Hono<{ Bindings: Env }>();
endpointRoutes.post("/:workspace/:name", (context) => call(context));
endpointRoutes.all("/:workspace/:name", (context) => refuseMethod(context.req.method));
endpointRoutes.get("/:workspace/:name/openapi.json", (context) => describe(context));

function refuseMethod(method: string): Response {
  const error = new InputError("endpoint.method", `An endpoint takes no ${method}.`, {
    fix: "Send its input with POST, as JSON; `/openapi.json` behind its address describes it.",
  });
  return Response.json({ error: toWireError(error) }, { status: 405, headers: { allow: "POST" } });
}

async function findPlace(services: Services, context: RouteContext): Promise<EndpointPlace> {
  const slug = context.req.param("workspace");
  const name = context.req.param("name");
  const identity = await findWorkspace(services, slug);
  const token = bearer(context.req.raw);
  const query = { endpoint: name, ...(token?.startsWith("wt_") ? { token } : {}) };
  const opened = identity ? await openWorkflow(services.env, identity.id, query) : {};
  return { slug, name, identity, opened };
}

async function call(context: RouteContext): Promise<Response> {
  const request = context.req.raw;
  const services = createServices(context.env, request, context.executionCtx);
  const place = await findPlace(services, context);
  const caller = await admit(services, request, place);
  const run = await toRun(services, request, place, caller);
  if (request.headers.get("accept")?.includes("text/event-stream")) {
    const events = await stream(services, run);
    if (place.opened.endpoint?.auth === "public") return events;
    return whileAllowed(events, async () => (await mayRead(services, request))(run.workspaceId));
  }
  const wait = waitOf(request);
  if (wait > 0) return toResponse(services, await executeRun(services.env, run, wait));
  await startRun(services.env, run);
  return toResponse(services, { id: run.id, status: "running" });
}

async function toRun(
  services: Services,
  request: Request,
  { identity, opened, name }: EndpointPlace,
  { key: caller, ...starter }: Caller,
): Promise<RunRequest> {
  const body = await readRaw(request);
  const key = idempotencyKeyOf(request);
  const callback = callbackOf(request, opened.endpoint, services.env);
  const workspaceId = identity?.id ?? "";
  return toRunRequest(opened, {
    workspaceId,
    workflow: opened.endpoint?.workflow ?? "",
    runId:
      key === undefined
        ? createRunId(workspaceId, services.now())
        : await runIdOf("endpoint", workspaceId, name, caller, key),
    trigger: "endpoint",
    input: parseJson(body),
    ...starter,
    baseUrl: services.baseUrl,
    ...(callback ? { callback } : {}),
    // Another address is another request.
    ...(key === undefined
      ? {}
      : { fingerprint: `${await fingerprintOf(body)}${callback ? ` ${callback.url}` : ""}` }),
  });
}

function idempotencyKeyOf(request: Request): string | undefined {
  const key = request.headers.get("idempotency-key")?.trim();
  if (key === undefined || (key.length > 0 && key.length <= 255)) return key;
  throw new InputError(
    "endpoint.bad-idempotency-key",
    "The Idempotency-Key is empty or too long.",
    {
      fix: "Send 1 to 255 characters, e.g. a UUID.",
    },
  );
}

/** `Prefer: respond-async` and `Prefer: wait=10` (RFC 7240). */
function waitOf(request: Request): number {
  const prefer = request.headers.get("prefer") ?? "";
  if (/\brespond-async\b/i.test(prefer)) return 0;
  const seconds = /\bwait=(\d{1,4})\b/i.exec(prefer)?.[1];
  if (seconds === undefined) return defaultWaitMs;
  return Math.min(longestWaitMs, Number(seconds) * 1000);
}

async function stream(services: Services, run: RunRequest): Promise<Response> {
  await startRun(services.env, run);
  const events = await runStub(services.env, run.id).stream(new Request("https://run/"));
  const headers = new Headers(events.headers);
  headers.set("aerostack-run-id", run.id);
  return new Response(events.body, { headers });
}

/** How a run stands, as its caller sees it. */
export function toResponse(services: Services, result: RunResult): Response {
  const { id, status, output, error, waits } = result;
  const url = runUrl(services.baseUrl, id);
  const headers = { "aerostack-run-id": id, "cache-control": "no-store" };
  if (status === "succeeded") {
    return Response.json({ run_id: id, status, output, url }, { headers });
  }
  if (error) {
    const { code, message, fix } = error;
    const shown = { code, message, ...(fix === undefined ? {} : { fix }), run_id: id };
    return Response.json({ run_id: id, status, error: shown, url }, { status: 502, headers });
  }
  return Response.json(
    { run_id: id, status, url, ...(waits ? { waits: waits.map(toWireWait) } : {}) },
    { status: status === "cancelled" ? 409 : 202, headers: { ...headers, location: url } },
  );
}

async function describe(context: RouteContext): Promise<Response> {
  const request = context.req.raw;
  const services = createServices(context.env, request, context.executionCtx);
  const place = await findPlace(services, context);
  await admit(services, request, place);
  const input = place.opened.workflow?.definition?.workflow.input ?? {};
  return Response.json(describeEndpoint(services.baseUrl, place, input));
}
