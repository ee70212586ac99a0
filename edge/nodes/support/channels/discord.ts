import { z } from "zod";
import { cut, defineChannel, idAt, jsonPost, secretName } from "#edge/nodes/support/channel";

export const discord = defineChannel({
  name: "discord",
  message: z.strictObject({
    channel: z.literal("discord"),
    webhook: secretName.describe("`url` secret that holds the channel webhook URL."),
    text: z.string().min(1).describe("Markdown; the first 2,000 characters are sent."),
    username: z.string().max(80).optional(),
  }),
  idempotent: false,
  hosts: () => [],
  secrets: ({ webhook }) => [webhook],
  toRequest: ({ webhook, text, username }, port) => ({
    url: port.secret(webhook),
    init: jsonPost(
      {
        content: cut(text, 2000),
        ...(username === undefined ? {} : { username }),
        // Data must not be able to ping everyone.
        allowed_mentions: { parse: [] },
      },
      port,
    ),
  }),
  messageId: (body) => idAt(body, "id"),
});
