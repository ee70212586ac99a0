import { createHmac } from "node:crypto";
import type { Vendor } from "./vendor.fixture.ts";

export function slackEvent(event: object) {
  return {
    token: "Jhj5dZrVaK7ZwHHjRyZWjbDl",
    team_id: "T123ABC456",
    api_app_id: "A123ABC456",
    event: { event_ts: "1515449522.000016", ...event },
    type: "event_callback",
    event_id: "Ev123ABC456",
    event_time: 1515449522016,
    authorizations: [
      { enterprise_id: null, team_id: "T123ABC456", user_id: "U0LAN0Z89", is_bot: true },
    ],
    is_ext_shared_channel: false,
  };
}
export const spoken = { type: "message", user: "W021FGA1Z", channel: "C123ABC456" };

/** https://docs.slack.dev/apis/events-api, https://docs.slack.dev/reference/events/message */
export const slack: Vendor = {
  secrets: { signing_secret: "8f742231b10e8888abcd99yyyzzz85a5", bot_token: "canary-xoxb-1" },
  others: { signing_secret: "00000000000000000000000000000000", bot_token: "canary-xoxb-2" },
  isTimed: true,
  isBodySigned: true,
  sign: async (body, { signing_secret }, seconds) => ({
    "content-type": "application/json",
    "x-slack-request-timestamp": String(seconds),
    "x-slack-signature": `v0=${createHmac("sha256", signing_secret ?? "")
      .update(`v0:${seconds}:${body}`)
      .digest("hex")}`,
  }),
  message: (text, number = 1) =>
    slackEvent({
      type: "message",
      user: "W021FGA1Z",
      text,
      ts: `1515449483.00000${number}`,
      channel: "D123ABC456",
      channel_type: "im",
      client_msg_id: "06a4a5a0-0000-4000-8000-000000000000",
      team: "T123ABC456",
      blocks: [{ type: "rich_text", block_id: "x", elements: [] }],
    }),
  read: { thread: "D123ABC456", user: { id: "W021FGA1Z" } },
  also: {
    "a mention, answered in its thread": {
      body: slackEvent({
        type: "app_mention",
        user: "W021FGA1Z",
        channel: "C123ABC456",
        text: "<@U0LAN0Z89>: is &lt;it&gt; &amp;amp; &lt;!here&gt;?",
        ts: "1515449522.000016",
      }),
      read: [
        {
          id: "C123ABC456/1515449522.000016",
          thread: "C123ABC456/1515449522.000016",
          user: { id: "W021FGA1Z" },
          text: "is <it> &amp; <!here>?",
        },
      ],
    },
    "the same mention as a message of the channel": {
      body: slackEvent({
        ...spoken,
        channel_type: "channel",
        text: "<@U0LAN0Z89>: hi",
        ts: "1515449522.000016",
      }),
      read: [
        {
          id: "C123ABC456/1515449522.000016",
          thread: "C123ABC456/1515449522.000016",
          user: { id: "W021FGA1Z" },
          text: "hi",
        },
      ],
    },
    "a reply in a thread, which may be about something else": {
      body: slackEvent({
        ...spoken,
        channel_type: "channel",
        text: "<@U111> 123456",
        ts: "1515449530.000100",
        thread_ts: "1515449522.000016",
        parent_user_id: "W021FGA1Z",
      }),
      read: [
        {
          id: "C123ABC456/1515449530.000100",
          thread: "C123ABC456/1515449522.000016",
          user: { id: "W021FGA1Z" },
          text: "<@U111> 123456",
          isOverheard: true,
        },
      ],
    },
    "an address, a link and names, as people see them": {
      body: slackEvent({
        ...spoken,
        channel: "D123ABC456",
        channel_type: "im",
        ts: "1515449483.000002",
        text: "<mailto:ada@example.com|ada@example.com> <https://a.test/?x=1&amp;y|a.test> <#C1|general> <!subteam^S1|@ops>",
      }),
      read: [
        {
          id: "D123ABC456/1515449483.000002",
          thread: "D123ABC456",
          user: { id: "W021FGA1Z" },
          text: "ada@example.com https://a.test/?x=1&y #general @ops",
        },
      ],
    },
  },
  ignored: {
    "its own message": slackEvent({
      ...spoken,
      user: "U0LAN0Z89",
      bot_id: "B19LU7CSY",
      app_id: "A123ABC456",
      channel: "D123ABC456",
      channel_type: "im",
      text: "Hi",
      ts: "1515449483.000003",
    }),
    "its own message, without its number": slackEvent({
      ...spoken,
      user: "U0LAN0Z89",
      channel: "D123ABC456",
      channel_type: "im",
      text: "Hi",
      ts: "1515449483.000003",
    }),
    "another bot": slackEvent({
      type: "message",
      subtype: "bot_message",
      bot_id: "BB12033",
      username: "github",
      channel: "C123ABC456",
      channel_type: "channel",
      text: "Pushed",
      ts: "1358877455.000010",
    }),
    "an edit": slackEvent({
      type: "message",
      subtype: "message_changed",
      hidden: true,
      channel: "C123ABC456",
      channel_type: "channel",
      ts: "1358878755.000001",
      message: { ...spoken, text: "Hello!", ts: "1355517523.000005", edited: { user: "U1" } },
    }),
    "a mention that an edit brought": slackEvent({
      ...spoken,
      type: "app_mention",
      text: "<@U0LAN0Z89> hi",
      ts: "1515449522.000016",
      edited: { user: "W021FGA1Z", ts: "1515449523.000000" },
    }),
    "a joining": slackEvent({
      ...spoken,
      subtype: "channel_join",
      channel_type: "channel",
      text: "<@W021FGA1Z> has joined the channel",
      ts: "1403051575.000407",
    }),
    "a topic that names it": slackEvent({
      ...spoken,
      subtype: "channel_topic",
      channel_type: "channel",
      topic: "Ask <@U0LAN0Z89>",
      text: "<@W021FGA1Z> set the channel topic: Ask <@U0LAN0Z89>",
      ts: "1403051575.000408",
    }),
    "talk in a channel": slackEvent({
      ...spoken,
      channel_type: "channel",
      text: "lunch?",
      ts: "1515449483.000004",
    }),
    "a reaction": slackEvent({
      type: "reaction_added",
      user: "W021FGA1Z",
      item: { type: "message" },
    }),
    "another kind of delivery": { type: "app_rate_limited", minute_rate_limited: 1518467820 },
  },
  handshake: {
    method: "POST",
    body: {
      token: "Jhj5dZrVaK7ZwHHjRyZWjbDl",
      challenge: "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P",
      type: "url_verification",
    },
    answer: `{"challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}`,
  },
  sends: {
    url: /^https:\/\/slack\.com\/api\/chat\.postMessage$/,
    body: (text) => ({
      channel: "D123ABC456",
      text,
      unfurl_links: false,
      unfurl_media: false,
    }),
  },
  host: "slack.com",
  saidIn: ({ text }) => text,
  refusals: [
    [200, { ok: true, channel: "D123ABC456", ts: "1503435956.000247" }, undefined],
    [200, { ok: false, error: "not_in_channel" }, { reason: "not_in_channel" }],
    [200, { ok: false, error: "ratelimited" }, { reason: "ratelimited", retryAfterMs: 0 }],
    [429, { ok: false, error: "ratelimited" }, { reason: "ratelimited", retryAfterMs: 0 }],
    [503, "<html>", { reason: "status 503", retryAfterMs: 0 }],
  ],
};
