import { z } from "zod";
import {
  type ChannelPort,
  defineChannel,
  idAt,
  jsonPost,
  type OpeningPort,
  type Refusal,
  secretName,
} from "#edge/nodes/support/channel";
import { escape } from "#edge/nodes/support/channels/slack";

const api = "https://slack.com/api";
/** The receiver, not the request, is the matter. */
const unreachable: ReadonlySet<string> = new Set([
  "user_not_found",
  "users_not_found",
  "user_not_visible",
  "user_disabled",
  "cannot_dm_bot",
  "channel_not_found",
  "not_in_channel",
  "is_archived",
  "messages_tab_disabled",
]);
/** Nothing was done, by Slack's own words; `internal_error` may come after the message was posted. */
const transient: ReadonlySet<string> = new Set([
  "ratelimited",
  "rate_limited",
  "service_unavailable",
]);

/** Members are found by address, with the scope `users:read.email`. */
async function memberOf(user: string, token: string, port: OpeningPort) {
  if (!user.includes("@")) return user;
  const url = `${api}/users.lookupByEmail?email=${encodeURIComponent(user)}`;
  const found = await port.exchange({ url, init: { headers: { authorization: token } } });
  return idAt(found, "user", "id");
}

/** The request that posts it, into a `channel`; `token` names the secret. */
export function toPost(
  token: string,
  message: {
    readonly channel: string | undefined;
    readonly text: string;
    readonly [field: string]: unknown;
  },
  port: ChannelPort,
): { url: string; init: RequestInit } {
  const authorization = `Bearer ${port.secret(token)}`;
  const escaped = { ...message, text: escape(message.text) };
  return { url: `${api}/chat.postMessage`, init: jsonPost(escaped, port, { authorization }) };
}

/** Slack says no with status 200. */
export function refusalOf(body: unknown): Refusal | undefined {
  const reason = idAt(body, "error");
  if (reason === undefined) return undefined;
  const isUnreachable = unreachable.has(reason);
  return { reason, isUnreachable, ...(transient.has(reason) ? { retryAfterMs: 0 } : {}) };
}

/** https://docs.slack.dev/reference/methods/conversations.open, `.../chat.postMessage`; scopes `im:write`, `chat:write`. */
export const slack = defineChannel({
  name: "slack",
  message: z
    .strictObject({
      channel: z.literal("slack"),
      token: secretName.describe("Secret that holds the bot token `xoxb-...`, bound to slack.com."),
      user: z
        .string()
        .min(1)
        .optional()
        .describe("Member id `U...`, or their e-mail address: a direct message."),
      conversation: z
        .string()
        .min(1)
        .optional()
        .describe("Id of a channel or conversation instead: `C...`, `D...`, `G...`."),
      text: z
        .string()
        .min(1)
        .max(40_000)
        .describe("mrkdwn; `&`, `<` and `>` are escaped, so data cannot mention or link."),
      blocks: z.array(z.record(z.string(), z.unknown())).max(50).optional(),
    })
    .refine(
      ({ user, conversation }) => (user === undefined) !== (conversation === undefined),
      "give exactly one of `user` and `conversation`",
    ),
  idempotent: false,
  hosts: () => ["slack.com"],
  secrets: ({ token }) => [token],
  async open({ token, user, conversation }, port) {
    if (user === undefined) return conversation;
    const authorization = `Bearer ${port.secret(token)}`;
    const users = await memberOf(user, authorization, port);
    if (users === undefined) return undefined;
    const init = jsonPost({ users }, port, { authorization });
    return idAt(await port.exchange({ url: `${api}/conversations.open`, init }), "channel", "id");
  },
  toRequest: ({ token, text, blocks }, port) => {
    const message = { channel: port.conversation, text };
    return toPost(token, blocks === undefined ? message : { ...message, blocks }, port);
  },
  refusal: (_, body) => refusalOf(body),
  messageId: (body) => idAt(body, "ts"),
});
