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

const api = "https://discord.com/api/v10";
/** Unknown channel or user, cannot message this user, no guild in common: the receiver is the matter. */
const unreachable: ReadonlySet<string> = new Set(["10003", "10013", "50007", "50278"]);
const snowflake = z.string().regex(/^\d{5,20}$/, "an id of 17 to 20 digits");

function headers(token: string, port: ChannelPort): Record<string, string> {
  return {
    authorization: `Bot ${port.secret(token)}`,
    // https://docs.discord.com/developers/reference#user-agent: without it requests may be blocked.
    "user-agent": "DiscordBot (aerostack, 0.1.0)",
  };
}

/** `.../resources/user#create-dm`, `.../resources/message#create-message` */
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
  toRequest: ({ token, text }, port) => ({
    url: `${api}/channels/${encodeURIComponent(port.conversation ?? "")}/messages`,
    init: jsonPost(
      {
        content: cut(text, 2000),
        allowed_mentions: { parse: [] },
        nonce: createHash("sha256").update(port.idempotencyKey).digest("base64url").slice(0, 25),
        enforce_nonce: true,
      },
      port,
      headers(token, port),
    ),
  }),
  refusal(status, body) {
    const reason = idAt(body, "code");
    if (status < 400 || reason === undefined || !unreachable.has(reason)) return undefined;
    return { reason: `${reason} ${idAt(body, "message") ?? ""}`.trim(), isUnreachable: true };
  },
  messageId: (body) => idAt(body, "id"),
});
