import { z } from "zod";
import { secretName } from "#edge/nodes/support/channel";
import { defineProvider } from "#edge/nodes/support/auth-provider";
import { signHeader } from "#edge/isolates/signatures";

/** https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource */
export const twilio = defineProvider({
  name: "twilio",
  reaches: "phone",
  settings: z.strictObject({
    provider: z.literal("twilio"),
    account_sid: z.string().regex(/^AC[0-9a-f]{32}$/, "AC and 32 hex digits"),
    token: secretName.describe("Secret that holds the auth token, bound to api.twilio.com."),
    from: z
      .string()
      .regex(/^(?:\+[1-9]\d{6,14}|MG[0-9a-f]{32})$/, "a number, or a messaging service"),
  }),
  hosts: () => ["api.twilio.com"],
  secrets: ({ token }) => [token],
  toRequest: ({ account_sid, token, from }, { to, text }, port) => ({
    url: `https://api.twilio.com/2010-04-01/Accounts/${account_sid}/Messages.json`,
    init: {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        ...signHeader({ scheme: "basic", user: account_sid, key: port.secret(token) }),
      },
      body: new URLSearchParams({
        To: to,
        [from.startsWith("MG") ? "MessagingServiceSid" : "From"]: from,
        Body: text,
      }).toString(),
    },
  }),
});
