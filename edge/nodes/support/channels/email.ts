import { z } from "zod";
import { defineChannel, idAt, jsonPost, secretName } from "#edge/nodes/support/channel";

export const email = defineChannel({
  name: "email",
  message: z.strictObject({
    channel: z.literal("email"),
    token: secretName.describe("Secret that holds the Resend API key, bound to api.resend.com."),
    from: z.string().min(3).describe("`Name <address>` of a verified domain."),
    to: z.union([z.string().min(3), z.array(z.string().min(3)).min(1).max(50)]),
    subject: z.string().min(1).max(300),
    text: z.string().min(1).describe("Plain text."),
    reply_to: z.string().optional(),
  }),
  // https://resend.com/docs/dashboard/emails/idempotency-keys: dropped for 24 hours.
  idempotent: true,
  hosts: () => ["api.resend.com"],
  secrets: ({ token }) => [token],
  toRequest: ({ token, channel: _channel, to, ...message }, port) => ({
    url: "https://api.resend.com/emails",
    init: jsonPost({ ...message, to: Array.isArray(to) ? to : [to] }, port, {
      authorization: `Bearer ${port.secret(token)}`,
    }),
  }),
  messageId: (body) => idAt(body, "id"),
});
