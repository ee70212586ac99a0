import { createMcpHandler } from "@modelcontextprotocol/server";
import type { Context } from "hono";
import { InputError } from "#blueprints/error";
import { createServices, type Services } from "#edge/services";
import type { Env } from "#edge/env";
import type { AccountActor } from "#edge/identity/actor";
import { requireAccount } from "#edge/identity/authenticate";
import { authenticateKeyHash } from "#edge/identity/keys";
import { atBase, refused, resourceServer } from "#edge/oauth/server";
import { assertSameSite } from "#edge/gateway/same-site";
import { parseJson, readRaw } from "#edge/json-body";
import { buildServer } from "./server.ts";

/** Code above 1 MB does not fit a blueprint anyway. */
const maximumBodyBytes = 4 * 1024 * 1024;

/** `/mcp`: both protocol eras, stateless; one server instance a request. */
export async function serveMcp(context: Context<{ Bindings: Env }>): Promise<Response> {
  const request = context.req.raw;
  const services = createServices(context.env, request, context.executionCtx);
  assertSameSite(request, context.env);
  return serveAccount(context, services, await requireAccount(services, request));
}

/** `/mcp/oauth`: the same for clients that sign in; the token's audience is this URL alone. */
export async function serveOAuthMcp(context: Context<{ Bindings: Env }>): Promise<Response> {
  const request = context.req.raw;
  const services = createServices(context.env, request, context.executionCtx);
  assertSameSite(request, context.env);
  const server = resourceServer(services, { kind: "account" }, async (_request, grant) => {
    const actor = await authenticateKeyHash(services, grant.keyHash ?? "");
    if (actor) return serveAccount(context, services, actor);
    throw new InputError("account.key-invalid", "The key was revoked.", { status: 401 });
  });
  const execution = context.executionCtx as ExecutionContext;
  const asked = atBase(services, request);
  return refused(asked, await server.fetch(asked, context.env, execution));
}

async function serveAccount(
  context: Context<{ Bindings: Env }>,
  services: Services,
  actor: AccountActor,
): Promise<Response> {
  const request = context.req.raw;
  const { success } = await context.env.ACCOUNT_LIMIT.limit({ key: actor.accountId });
  if (!success) {
    context.header("Retry-After", "60");
    throw new InputError("account.rate-limit", "This account sent too many requests.", {
      fix: "Wait a minute, then go on.",
      status: 429,
    });
  }
  const handler = createMcpHandler(() => buildServer({ services, actor }), { legacy: "stateless" });
  if (request.method !== "POST") return handler.fetch(request);
  return handler.fetch(request, {
    parsedBody: parseJson(await readRaw(request, maximumBodyBytes)),
  });
}
