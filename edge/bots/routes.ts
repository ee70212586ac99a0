import { Buffer } from "node:buffer";
import { eq } from "drizzle-orm";
import { type Context, Hono } from "hono";
import { InputError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import { bots } from "#edge/db/tables/resources";
import type { Env } from "#edge/env";
import { workspaceStub } from "#edge/gateway/stub";
import { readRaw } from "#edge/json-body";
import { createServices, type Services } from "#edge/services";
import { conversationStub, type Origin } from "./conversation-api.ts";
import { conversationLimits } from "./limits.ts";
import type { ChatMessage, Delivery, Received } from "./platform.ts";
import { platforms } from "./platforms/index.ts";

/** Where chat platforms deliver, mounted at `/bots`: verified, on disk, answered; then the work begins. */
export const botRoutes = new Hono<{ Bindings: Env }>();
botRoutes.on(["GET", "POST"], "/:id/:platform", async (context: Context<{ Bindings: Env }>) => {
  const request = context.req.raw;
  const services = createServices(context.env, request, context.executionCtx);
  const { id = "", platform = "" } = context.req.param();
  const delivery: Delivery = {
    method: request.method === "GET" ? "GET" : "POST",
    url: new URL(request.url),
    headers: request.headers,
    raw: await readRaw(request, conversationLimits.bodyBytes),
    now: services.now(),
  };
  const { received, origin } = await verify(services, { id, platform }, delivery);
  const threads = new Map<string, ChatMessage[]>();
  for (const message of received.messages) {
    threads.set(message.thread, [...(threads.get(message.thread) ?? []), message]);
  }
  const receiving = Array.from(threads, async ([thread, messages]) => {
    const conversation = await conversationIdOf(id, platform, thread);
    const stub = conversationStub(services.env, conversation);
    return stub.receive({ ...origin, id: conversation, thread }, messages);
  });
  // Whoever has written too much is told so after all others were heard.
  for (const outcome of await Promise.all(receiving)) unwrap(outcome);
  return received.answer ?? new Response(null, { status: 200 });
});

interface Verified {
  readonly received: Received;
  readonly origin: Omit<Origin, "id" | "thread">;
}

/** @throws InputError `bot.not-verified` (401), the same for what there is not and what does not fit */
async function verify(
  services: Services,
  { id, platform: name }: { readonly id: string; readonly platform: string },
  delivery: Delivery,
): Promise<Verified> {
  const platform = Object.hasOwn(platforms, name) ? platforms[name] : undefined;
  const row = await services.db.select().from(bots).where(eq(bots.id, id)).get();
  if (platform && row) {
    const { workspaceId } = row;
    const opened = unwrap(await workspaceStub(services.env, workspaceId).openBot(row.name, name));
    const received = opened && (await platform.receive(delivery, opened.secrets));
    if (received) {
      const { baseUrl } = services;
      return { received, origin: { workspaceId, platform: name, bot: opened.bot, baseUrl } };
    }
  }
  throw new InputError("bot.not-verified", "There is no such bot, or this is not its platform.", {
    status: 401,
    fix: "Use the address of the deploy's answer, and enter the platform's own secret.",
  });
}

/** The same for the same thread, and telling nothing of the bot's address. */
async function conversationIdOf(...parts: readonly string[]): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify(parts));
  const digest = await crypto.subtle.digest("SHA-256", text);
  return `conv_${Buffer.from(digest).toString("hex").slice(0, 40)}`;
}
