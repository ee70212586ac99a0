import { eq } from "drizzle-orm";
import { Hono } from "hono";
import { ConfigurationError, InputError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import { webhooks } from "#edge/db/tables/resources";
import type { Env } from "#edge/env";
import { workspaceStub } from "#edge/gateway/stub";
import type { LiveWebhook } from "#edge/gateway/live-items";
import { createServices, type Services } from "#edge/services";
import { createRunId, runIdOf } from "#edge/workflow/run-id";
import { startRun } from "#edge/workflow/start";
import { parseJson, readRaw } from "./body.ts";
import { requestRun } from "./live-workflow.ts";
import { senders } from "./webhooks/index.ts";
import type { Accepted, Delivery } from "./webhooks/sender.ts";

/** Smart webhooks, mounted at `/hooks`: verified, recorded durably, answered at once, run after. */
export const webhookRoutes = new Hono<{ Bindings: Env }>();
webhookRoutes.post("/:id", async (context) => {
  const request = context.req.raw;
  const services = createServices(context.env, request, context.executionCtx);
  const id = context.req.param("id");
  const hook = await findHook(services, id);
  const raw = await readRaw(request);
  const accepted = await verify(services, hook, {
    headers: request.headers,
    raw,
    now: services.now(),
  });
  const run = await requestRun(services.env, {
    workspaceId: hook.workspaceId,
    workflow: hook.definition.workflow,
    runId:
      accepted.id === undefined
        ? createRunId(hook.workspaceId, services.now())
        : await runIdOf("webhook", id, accepted.id),
    trigger: "webhook",
    input: inputOf(raw, accepted),
    baseUrl: services.baseUrl,
  });
  // On disk when this returns: what was acknowledged is not lost, and a repetition joins it.
  await startRun(services.env, run);
  return context.json({ run_id: run.id }, 202);
});

interface Hook {
  readonly workspaceId: string;
  readonly name: string;
  readonly definition: LiveWebhook;
}

async function findHook(services: Services, id: string): Promise<Hook> {
  const row = await services.db.select().from(webhooks).where(eq(webhooks.id, id)).get();
  if (row) {
    const { workspaceId, name } = row;
    const live = unwrap(await workspaceStub(services.env, workspaceId).getLive("webhook", name));
    if (live?.kind === "webhook") return { workspaceId, name, definition: live.definition };
  }
  throw new InputError("webhook.not-found", "There is no such webhook.", { status: 404 });
}

async function verify(services: Services, hook: Hook, delivery: Delivery): Promise<Accepted> {
  const { workspaceId, name, definition } = hook;
  // A `token` webhook without a secret is protected by its unguessable address alone.
  if (definition.sender === "token" && definition.secret === undefined) return {};
  const sender = senders[definition.sender];
  if (!sender || definition.secret === undefined) {
    throw new ConfigurationError("webhook.no-secret", `The webhook "${name}" cannot be verified.`, {
      fix: "Give it a `secret` in the blueprint and deploy again.",
    });
  }
  const secret = unwrap(await workspaceStub(services.env, workspaceId).readSigningSecret(name));
  const accepted = await sender.verify(delivery, secret);
  if (accepted) return accepted;
  throw new InputError("webhook.bad-signature", "The signature is missing, wrong or too old.", {
    status: 401,
    fix: `Sign as ${sender.name} does, with the secret that the webhook was given.`,
  });
}

/** The body as the workflow's input; what only headers say is added to an object. */
function inputOf(raw: Uint8Array<ArrayBuffer>, { about = {} }: Accepted): unknown {
  const body = parseJson(raw);
  const isObject = typeof body === "object" && body !== null && !Array.isArray(body);
  return isObject ? { ...about, ...body } : body;
}
