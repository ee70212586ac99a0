import { attempt } from "#blueprints/outcome";
import { workspaceStub } from "#edge/gateway/stub";
import { warn } from "#edge/incident";
import { egressFetch } from "#edge/isolates/egress";
import { createHandleTag, secretHandle } from "#edge/isolates/handles";
import type { IsolateGrant } from "#edge/isolates/isolate";
import { readBody, retryAfterMs } from "#edge/nodes/support/http";
import type { Origin } from "./conversation-api.ts";
import type { Outbound, Sent } from "./outbox.ts";
import { platforms } from "./platforms/index.ts";
import type { ConversationPlace } from "./turns.ts";

/**
 * Sends what is to be said, one after the other. A message goes twice only where the process dies
 * between sending it and writing that down, or where its answer is lost; one that fails for good is
 * dropped. Answers when it is to be called again, in milliseconds since 1970.
 */
export async function sendAll(place: ConversationPlace): Promise<number | undefined> {
  const { store, now } = place;
  const origin = store.origin();
  if (!origin) return undefined;
  for (let next = store.outbox.head(); next; next = store.outbox.head()) {
    if (next.nextAt > now()) return next.nextAt;
    store.outbox.try(next, now());
    const dropped = store.outbox.settle(next, await send(place, origin, next), now());
    if (dropped !== undefined) await tellOperator(place, origin, dropped);
  }
  return undefined;
}

async function tellOperator(
  { env }: ConversationPlace,
  { id, workspaceId, platform }: Origin,
  why: string,
): Promise<void> {
  const redacted = await workspaceStub(env, workspaceId).redact(why);
  const reason = redacted.ok ? redacted.value : redacted.error.code;
  warn("bot.message-dropped", { workspaceId, platform, conversation: id, reason });
}

async function send(
  { env, now }: ConversationPlace,
  origin: Origin,
  { key, text }: Outbound,
): Promise<Sent> {
  const { id, workspaceId, thread, replyTo, bot } = origin;
  const platform = platforms[origin.platform];
  const its = bot.platforms[origin.platform];
  if (!platform || !its) return { status: "failed", reason: "The bot has left the platform." };
  const handleTag = createHandleTag();
  const secrets = Object.values(its.sending);
  const grant: IsolateGrant = { workspaceId, egress: its.hosts, secrets, handleTag, mode: "live" };
  const { url, init } = platform.toRequest(
    { thread, text, ...(replyTo === undefined ? {} : { replyTo }) },
    {
      secret: (role) => secretHandle(its.sending[role] ?? "", handleTag),
      idempotencyKey: `${id}:${key}`,
      now: now(),
    },
  );
  const answered = await attempt(async () => {
    const response = await egressFetch(env, grant, new Request(url, init));
    return { response, body: await readBody(response) };
  });
  // A server that cannot be reached, or a secret without a value: both may be put right.
  if (!answered.ok) {
    const { code, retryAfterMs: wait = 0 } = answered.error;
    return { status: "failed", reason: code, retryAfterMs: wait };
  }
  const { response, body } = answered.value;
  const refusal = platform.refusal(response.status, body);
  if (!refusal) return { status: "sent" };
  const { reason, retryAfterMs: asked } = refusal;
  if (asked === undefined) return { status: "failed", reason };
  const wait = Math.max(asked, retryAfterMs(response.headers, now()) ?? 0);
  return { status: "failed", reason, retryAfterMs: wait };
}
