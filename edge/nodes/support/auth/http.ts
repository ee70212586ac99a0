import { z } from "zod";
import { jsonPost, secretName } from "#edge/nodes/support/channel";
import { defineProvider } from "#edge/nodes/support/auth-provider";
import { hostOf } from "#edge/nodes/support/http";

/** A server of one's own that delivers: it gets `{to, subject, text, code}` or `{..., link}`. */
export const http = defineProvider({
  name: "http",
  reaches: "any",
  settings: z.strictObject({
    provider: z.literal("http"),
    url: z.string().min(1).describe("Absolute; its host is written out here."),
    token: secretName.optional().describe("Secret that is sent as bearer token."),
  }),
  hosts: ({ url }) => [hostOf(url)].filter((host) => host !== undefined),
  secrets: ({ token }) => (token === undefined ? [] : [token]),
  toRequest: ({ url, token }, delivery, port) => ({
    url,
    init: jsonPost(
      delivery,
      port,
      token === undefined ? {} : { authorization: `Bearer ${port.secret(token)}` },
    ),
  }),
});
