import { z } from "zod";
import { idAt, jsonPost, secretName } from "#edge/nodes/support/channel";
import { defineProvider } from "#edge/nodes/support/auth-provider";

/** https://docs.msg91.com/reference/send-sms: the text is a template that India's operators know. */
export const msg91 = defineProvider({
  name: "msg91",
  reaches: "phone",
  settings: z.strictObject({
    provider: z.literal("msg91"),
    token: secretName.describe("Secret that holds the auth key, bound to control.msg91.com."),
    template_id: z.string().min(1).describe("Of a template with the variable `otp` or `link`."),
  }),
  hosts: () => ["control.msg91.com"],
  secrets: ({ token }) => [token],
  toRequest: ({ token, template_id }, { to, code, link }, port) => ({
    url: "https://control.msg91.com/api/v5/flow",
    init: jsonPost(
      {
        template_id,
        short_url: "0",
        recipients: [{ mobiles: to.replace(/^\+/, ""), ...(code ? { otp: code } : { link }) }],
      },
      port,
      { authkey: port.secret(token) },
    ),
  }),
  problem: (body) =>
    idAt(body, "type") === "error" ? (idAt(body, "message") ?? "no reason given") : undefined,
});
