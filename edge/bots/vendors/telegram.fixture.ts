import type { Vendor } from "./vendor.fixture.ts";

const ada = { id: 1111, is_bot: false, first_name: "Ada", username: "ada", language_code: "en" };
function update(message: object, number = 1) {
  return {
    update_id: 10_000 + number,
    message: {
      message_id: 1365 + number,
      date: 1441645532,
      from: ada,
      chat: { id: 1111, type: "private", first_name: "Ada", username: "ada" },
      ...message,
    },
  };
}

/** https://core.telegram.org/bots/api#update */
export const telegram: Vendor = {
  secrets: { webhook: "made-up_by-the-owner-1", token: "canary:telegram-1" },
  others: { webhook: "made-up_by-the-owner-2", token: "canary:telegram-2" },
  isTimed: false,
  isBodySigned: false,
  sign: async (_body, { webhook = "" }) => ({
    "content-type": "application/json",
    "x-telegram-bot-api-secret-token": webhook,
  }),
  message: (text, number = 1) => update({ text }, number),
  read: { thread: "1111", user: { id: "1111", name: "ada" } },
  also: {
    "a message in a topic of a group": {
      body: update({
        text: "hi",
        is_topic_message: true,
        message_thread_id: 7,
        chat: { id: -1001234567890, type: "supergroup", title: "Ops", is_forum: true },
      }),
      read: [
        {
          id: "10001",
          thread: "-1001234567890/7",
          text: "hi",
          user: { id: "1111", name: "ada" },
        },
      ],
    },
    "a picture with words": {
      body: update({ caption: "this one", photo: [{ file_id: "AgAC", width: 90, height: 51 }] }),
      read: [
        {
          id: "10001",
          thread: "1111",
          text: "this one",
          user: { id: "1111", name: "ada" },
        },
      ],
    },
  },
  ignored: {
    "another bot": update({ text: "hi", from: { ...ada, id: 2, is_bot: true } }),
    "an edit": {
      update_id: 10_002,
      edited_message: { message_id: 1365, from: ada, chat: { id: 1111 }, text: "hello" },
    },
    "a joining": update({ new_chat_members: [ada] }),
    "a post in a channel": {
      update_id: 10_003,
      channel_post: { message_id: 9, chat: { id: -100, type: "channel" }, text: "News" },
    },
  },
  sends: {
    url: /^https:\/\/api\.telegram\.org\/bot<token>\/sendMessage$/,
    body: (text) => ({ chat_id: 1111, text, link_preview_options: { is_disabled: true } }),
  },
  host: "api.telegram.org",
  saidIn: ({ text }) => text,
  refusals: [
    [200, { ok: true, result: { message_id: 9 } }, undefined],
    [
      429,
      {
        ok: false,
        error_code: 429,
        description: "Too Many Requests: retry after 14",
        parameters: { retry_after: 14 },
      },
      { reason: "Too Many Requests: retry after 14", retryAfterMs: 14_000 },
    ],
    [
      403,
      { ok: false, error_code: 403, description: "Forbidden: bot was blocked by the user" },
      { reason: "Forbidden: bot was blocked by the user" },
    ],
    [502, "<html>", { reason: "status 502", retryAfterMs: 0 }],
  ],
};
