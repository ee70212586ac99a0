import { z } from "zod";
import { defineChannel, jsonPost, secretName } from "#edge/nodes/support/channel";

/** https://docs.slack.dev/messaging/formatting-message-text: these three, and only these, are control characters. */
export function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

export const slack = defineChannel({
  name: "slack",
  message: z.strictObject({
    channel: z.literal("slack"),
    webhook: secretName.describe("`url` secret that holds the incoming webhook URL."),
    text: z
      .string()
      .min(1)
      .max(40_000)
      .describe("mrkdwn; `&`, `<` and `>` are escaped, so data cannot mention or link."),
    blocks: z
      .array(z.record(z.string(), z.unknown()))
      .max(50)
      .optional()
      .describe("Block Kit blocks, sent as they are; `text` is then the notification."),
  }),
  idempotent: false,
  hosts: () => [],
  secrets: ({ webhook }) => [webhook],
  toRequest: ({ webhook, text, blocks }, port) => ({
    url: port.secret(webhook),
    init: jsonPost({ text: escape(text), ...(blocks === undefined ? {} : { blocks }) }, port),
  }),
  messageId: () => undefined,
});
