import { z } from "zod";
import { jsonPost, secretName } from "#edge/nodes/support/channel";
import { defineProvider } from "#edge/nodes/support/auth-provider";
import { signHeader } from "#edge/isolates/signatures";

/** https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html */
export const ses = defineProvider({
  name: "ses",
  reaches: "email",
  settings: z.strictObject({
    provider: z.literal("ses"),
    region: z.string().regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, "like eu-west-1"),
    access_key: secretName.describe("Secret that holds the access key id, bound to the SES host."),
    secret_key: secretName.describe("Secret that holds the secret access key, likewise."),
    from: z.string().min(3).describe("Verified address."),
  }),
  hosts: ({ region }) => [`email.${region}.amazonaws.com`],
  secrets: ({ access_key, secret_key }) => [access_key, secret_key],
  toRequest: ({ region, access_key, secret_key, from }, { to, subject, text }, port) => ({
    url: `https://email.${region}.amazonaws.com/v2/email/outbound-emails`,
    init: jsonPost(
      {
        FromEmailAddress: from,
        Destination: { ToAddresses: [to] },
        Content: {
          Simple: {
            Subject: { Data: subject, Charset: "UTF-8" },
            Body: { Text: { Data: text, Charset: "UTF-8" } },
          },
        },
      },
      port,
      signHeader({
        scheme: "aws4",
        region,
        service: "ses",
        user: port.secret(access_key),
        key: port.secret(secret_key),
      }),
    ),
  }),
});
