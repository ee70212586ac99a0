import { z } from "zod";
import { defineChannel, idAt, jsonPost, secretName } from "#edge/nodes/support/channel";

export const webhook = defineChannel({
  name: "webhook",
  message: z.strictObject({
    channel: z.literal("webhook"),
    webhook: secretName.describe("`url` secret that holds the receiver's URL."),
    text: z.string().min(1),
    data: z.unknown().optional().describe("Sent beside the text."),
  }),
  idempotent: false,
  hosts: () => [],
  secrets: ({ webhook: name }) => [name],
  toRequest: ({ webhook: name, text, data }, port) => ({
    url: port.secret(name),
    init: jsonPost({ text, ...(data === undefined ? {} : { data }) }, port),
  }),
  messageId: (body) => idAt(body, "id"),
});
