import { z } from "zod";
import { jsonPost, secretName } from "#edge/nodes/support/channel";
import { defineProvider } from "#edge/nodes/support/auth-provider";

/** https://resend.com/docs/api-reference/emails/send-email */
export const resend = defineProvider({
  name: "resend",
  reaches: "email",
  settings: z.strictObject({
    provider: z.literal("resend"),
    token: secretName.describe("Secret that holds the API key, bound to api.resend.com."),
    from: z.string().min(3).describe("`Name <address>` of a verified domain."),
  }),
  hosts: () => ["api.resend.com"],
  secrets: ({ token }) => [token],
  toRequest: ({ token, from }, { to, subject, text }, port) => ({
    url: "https://api.resend.com/emails",
    init: jsonPost({ from, to: [to], subject, text }, port, {
      authorization: `Bearer ${port.secret(token)}`,
    }),
  }),
});
