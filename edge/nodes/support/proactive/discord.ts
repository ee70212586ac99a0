import { createHash } from "node:crypto";
import { z } from "zod";
import {
  type ChannelPort,
  cut,
  defineChannel,
  idAt,
  jsonPost,
  secretName,
} from "#edge/nodes/support/channel";

export const api = "https://discord.com/api/v10";
/** Unknown channel or user, cannot message this user, no guild in common: the receiver is the matter. */
const unreachable: ReadonlySet<string> = new Set(["10003", "10013", "50007", "50278"]);
const snowflake = z.string().regex(/^\d{5,20}$/, "an id of 17 to 20 digits");

/** https://docs.discord.com/developers/reference#user-agent: without it requests may be blocked. */
export const userAgent = { "user-agent": "DiscordBot (aerostack, 0.1.0)" };

function headers(token: string, port: ChannelPort): Record<string, string> {
  return { authorization: `Bot ${port.secret(token)}`, ...userAgent };
}

/** The request that posts it into a channel; `token` names the secret. `.../resources/message#create-message` */
export function toPost(
  token: string,
  {
    channel,
    ...message
  }: { readonly channel: string; readonly content: string; readonly [field: string]: unknown },
  port: ChannelPort,
): { url: string; init: RequestInit } {
  const nonce = createHash("sha256").update(port.idempotencyKey).digest("base64url").slice(0, 25);
  return {
    url: `${api}/channels/${encodeURIComponent(channel)}/messages`,
    init: jsonPost(
      { allowed_mentions: { parse: [] }, ...message, nonce, enforce_nonce: true },
      port,
      headers(token, port),
    ),
  };
}

/** Discord's code and words. */
export function reasonOf(body: unknown): string | undefined {
  const code = idAt(body, "code");
  return code === undefined ? undefined : `${code} ${idAt(body, "message") ?? ""}`.trim();
}

/** `.../resources/user#create-dm` */
export const discord = defineChannel({
  name: "discord",
  message: z
    .strictObject({
      channel: z.literal("discord"),
      token: secretName.describe("Secret that holds the bot token, bound to discord.com."),
      user: snowflake
        .optional()
        .describe("Id of a user with whom the bot shares a server: a direct message."),
      conversation: snowflake.optional().describe("Id of a channel instead."),
      text: z.string().min(1).describe("Markdown; the first 2,000 characters are sent."),
    })
    .refine(
      ({ user, conversation }) => (user === undefined) !== (conversation === undefined),
      "give exactly one of `user` and `conversation`",
    ),
  // The nonce is remembered for some minutes only, a run may come back later than that.
  idempotent: false,
  hosts: () => ["discord.com"],
  secrets: ({ token }) => [token],
  async open({ token, user, conversation }, port) {
    if (user === undefined) return conversation;
    const init = jsonPost({ recipient_id: user }, port, headers(token, port));
    return idAt(await port.exchange({ url: `${api}/users/@me/channels`, init }), "id");
  },
  toRequest: ({ token, text }, port) =>
    toPost(token, { channel: port.conversation ?? "", content: cut(text, 2000) }, port),
  refusal(status, body) {
    const [code, reason] = [idAt(body, "code"), reasonOf(body)];
    if (status < 400 || code === undefined || reason === undefined) return undefined;
    return unreachable.has(code) ? { reason, isUnreachable: true } : undefined;
  },
  messageId: (body) => idAt(body, "id"),
});
