import { createMcpHandler } from "@modelcontextprotocol/server";
import type { Context } from "hono";
import { InputError } from "#blueprints/error";
import { createServices } from "#edge/services";
import type { Env } from "#edge/env";
import { requireAccount } from "#edge/identity/authenticate";
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
  const actor = await requireAccount(services, request);
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
