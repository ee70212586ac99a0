import { z } from "zod";
import {
  type ChannelPort,
  defineChannel,
  idAt,
  jsonPost,
  secretName,
} from "#edge/nodes/support/channel";

/** Who sends to whom: the same for whatever is sent. */
export const addresses = {
  channel: z.literal("whatsapp"),
  token: secretName.describe("Secret that holds the access token, bound to graph.facebook.com."),
  phone_number_id: z.string().min(1).describe("Id of the business number that sends."),
  to: z
    .string()
    .min(5)
    .describe("Receiver, digits with country code, or their business-scoped id like `US.1349120`."),
};

/** What Meta shows of users who hide their number: https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids */
const scopedId = /^[A-Z]{2}\.(?:ENT\.)?[0-9A-Za-z]{1,128}$/;

type Addresses = z.infer<z.ZodObject<typeof addresses>>;

/**
 * The request that sends it; `content`: `type`, and what that type holds.
 * https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
 */
export function toPost(
  { token, phone_number_id, to }: Addresses,
  content: object,
  port: ChannelPort,
): { url: string; init: RequestInit } {
  return {
    url: `https://graph.facebook.com/v23.0/${encodeURIComponent(phone_number_id)}/messages`,
    init: jsonPost(
      {
        messaging_product: "whatsapp",
        recipient_type: "individual",
        ...(scopedId.test(to) ? { recipient: to } : { to: to.replace(/^\+/, "") }),
        ...content,
      },
      port,
      { authorization: `Bearer ${port.secret(token)}` },
    ),
  };
}

export const whatsapp = defineChannel({
  name: "whatsapp",
  message: z.strictObject({
    ...addresses,
    text: z
      .string()
      .min(1)
      .max(4096)
      .describe("Delivered only within 24 hours of the receiver's last message."),
  }),
  idempotent: false,
  hosts: () => ["graph.facebook.com"],
  secrets: ({ token }) => [token],
  toRequest: ({ text, ...message }, port) =>
    toPost(message, { type: "text", text: { body: text, preview_url: false } }, port),
  messageId: (body) => idAt(body, "messages", 0, "id"),
});
