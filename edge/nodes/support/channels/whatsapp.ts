import { z } from "zod";
import { defineChannel, idAt, jsonPost, secretName } from "#edge/nodes/support/channel";

export const whatsapp = defineChannel({
  name: "whatsapp",
  message: z.strictObject({
    channel: z.literal("whatsapp"),
    token: secretName.describe("Secret that holds the access token, bound to graph.facebook.com."),
    phone_number_id: z.string().min(1).describe("Id of the business number that sends."),
    to: z.string().min(5).describe("Receiver, digits with country code."),
    text: z
      .string()
      .min(1)
      .max(4096)
      .describe("Delivered only within 24 hours of the receiver's last message."),
  }),
  idempotent: false,
  hosts: () => ["graph.facebook.com"],
  secrets: ({ token }) => [token],
  toRequest: ({ token, phone_number_id, to, text }, port) => ({
    url: `https://graph.facebook.com/v23.0/${encodeURIComponent(phone_number_id)}/messages`,
    init: jsonPost(
      {
        messaging_product: "whatsapp",
        recipient_type: "individual",
        to: to.replace(/^\+/, ""),
        type: "text",
        text: { body: text, preview_url: false },
      },
      port,
      { authorization: `Bearer ${port.secret(token)}` },
    ),
  }),
  messageId: (body) => idAt(body, "messages", 0, "id"),
});
