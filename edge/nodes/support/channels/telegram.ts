import { z } from "zod";
import { cut, defineChannel, idAt, jsonPost, secretName } from "#edge/nodes/support/channel";

export const telegram = defineChannel({
  name: "telegram",
  message: z.strictObject({
    channel: z.literal("telegram"),
    token: secretName.describe("Secret that holds the bot token, bound to api.telegram.org."),
    chat: z.string().min(1).describe("Chat id, or `@channelname`."),
    text: z.string().min(1).describe("Plain text; the first 4,096 characters are sent."),
    silent: z.boolean().optional().describe("Without a sound."),
  }),
  idempotent: false,
  hosts: () => ["api.telegram.org"],
  secrets: ({ token }) => [token],
  toRequest: ({ token, chat, text, silent }, port) => ({
    url: `https://api.telegram.org/bot${port.secret(token)}/sendMessage`,
    init: jsonPost(
      {
        chat_id: chat,
        text: cut(text, 4096),
        ...(silent === undefined ? {} : { disable_notification: silent }),
      },
      port,
    ),
  }),
  // https://core.telegram.org/bots/api#making-requests: 403 where the user never wrote or blocked the bot.
  refusal(status, body) {
    const reason = idAt(body, "description");
    const isUnreachable =
      status === 403 || reason?.startsWith("Bad Request: chat not found") === true;
    return isUnreachable ? { reason: reason ?? String(status), isUnreachable } : undefined;
  },
  messageId: (body) => idAt(body, "result", "message_id"),
});
