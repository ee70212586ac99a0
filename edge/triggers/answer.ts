import { Hono } from "hono";
import { z } from "zod";
import { InputError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { bearer } from "#edge/identity/bearer";
import { authenticateKey } from "#edge/identity/keys";
import { limitPublic } from "#edge/limit";
import { createServices, type Services } from "#edge/services";
import { type Answerer, assertOpen } from "#edge/workflow/answerer";
import { isRunId } from "#edge/workflow/run-id";
import { identifyAnswerer } from "#edge/workflow/identify-answerer";
import { runStub, settleRun } from "#edge/workflow/start";
import { parseJson, readRaw } from "./body.ts";
import { toResponse } from "./endpoint.ts";

const body = z.strictObject({ step: z.string().max(300), payload: z.unknown() });
/** Milliseconds until a run that still goes on is answered with 202. */
const waitMs = 30_000;

/** What the callers of endpoints answer to a run that waits for them; mounted at `/runs`. */
export const answerRoutes = new Hono<{ Bindings: Env }>();
answerRoutes.post("/:id/answers", async (context) => {
  const request = context.req.raw;
  const services = createServices(context.env, request, context.executionCtx);
  if (!(await hasAccountKey(services, request))) await limitPublic(context.env, request, "answers");
  const id = context.req.param("id");
  if (!isRunId(id)) throw unknownRun();
  const parsed = body.safeParse(parseJson(await readRaw(request)));
  if (!parsed.success) {
    throw new InputError("answer.invalid", "The body is not an answer.", {
      fix: 'Send {"step": "...", "payload": {...}}; `waits` of the run says what it wants.',
    });
  }
  const { step, payload } = parsed.data;
  const by = await answererOf(services, request, id);
  const signalled = await runStub(services.env, id).signal(step, undefined, payload, by);
  // Whether there is such a run is no stranger's business.
  if (!signalled.ok && signalled.error.code === "run.not-found") assertOpen(undefined, by);
  unwrap(signalled);
  return toResponse(services, await settleRun(services.env, id, waitMs));
});

/** Whoever holds one is known before the run is, and is not held to what strangers may. */
async function hasAccountKey(services: Services, request: Request): Promise<boolean> {
  const credential = bearer(request);
  if (!credential?.startsWith("ak_")) return false;
  return (await authenticateKey(services, credential)) !== undefined;
}

/**
 * Without a credential a stranger, who may answer only what is open to everybody. A credential from
 * elsewhere is told what it is told of a run that never was.
 */
async function answererOf(services: Services, request: Request, id: string): Promise<Answerer> {
  const credential = bearer(request);
  if (credential === undefined) return { kind: "stranger" };
  const home = await runStub(services.env, id).home();
  if (!home.ok) throw unknownRun();
  try {
    return await identifyAnswerer(services, home.value, credential);
  } catch (error) {
    throw error instanceof InputError ? unknownRun() : error;
  }
}

function unknownRun(): InputError {
  return new InputError("run.not-found", "There is no such run.", {
    status: 404,
    fix: "Use a run id that this credential can see.",
  });
}
