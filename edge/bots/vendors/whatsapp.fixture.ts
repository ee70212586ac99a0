import { createHmac } from "node:crypto";
import type { Vendor } from "./vendor.fixture.ts";

const metadata = { display_phone_number: "15550783881", phone_number_id: "106540352242922" };
const sheena = { profile: { name: "Sheena Nelson" }, wa_id: "16505551234" };

export function notified(...values: object[]) {
  return {
    object: "whatsapp_business_account",
    entry: values.map((value) => ({
      id: "102290129340398",
      changes: [
        { value: { messaging_product: "whatsapp", metadata, ...value }, field: "messages" },
      ],
    })),
  };
}
export function written(message: object, number = 1) {
  return {
    from: "16505551234",
    id: `wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA${number}`,
    timestamp: "2000000000",
    ...message,
  };
}
export const text = (body: string) => ({ type: "text", text: { body } });
const id = (number: number) => written({}, number).id;
const read = {
  thread: "106540352242922/16505551234",
  user: { id: "16505551234", name: "Sheena Nelson" },
};
const failed = (code: number, message: string) => ({
  error: { message: `(#${code}) ${message}`, type: "OAuthException", code, fbtrace_id: "Az8" },
});

/** https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages */
export const whatsapp: Vendor = {
  secrets: {
    app_secret: "0123456789abcdef0123456789abcdef",
    access_token: "canary-EAAJB-1",
    verify_token: "a long and random text",
  },
  others: {
    app_secret: "fedcba9876543210fedcba9876543210",
    access_token: "canary-EAAJB-2",
    verify_token: "another random text...",
  },
  isTimed: false,
  isBodySigned: true,
  sign: async (body, { app_secret = "" }) => ({
    "content-type": "application/json",
    "x-hub-signature-256": `sha256=${createHmac("sha256", app_secret).update(body).digest("hex")}`,
  }),
  message: (body, number = 1) =>
    notified({ contacts: [sheena], messages: [written(text(body), number)] }),
  read,
  also: {
    "a batch, with one in it that cannot be read": {
      body: notified(
        {
          contacts: [sheena, { profile: null, wa_id: "16505551299" }, null],
          messages: [
            written(text("one"), 1),
            { id: 7, from: null, type: "text" },
            written({ ...text("two"), from: "16505551299" }, 2),
          ],
        },
        { statuses: [{ id: "wamid.x", status: "sent", recipient_id: "16505551234" }] },
        { messages: [written(text("three"), 3)] },
      ),
      read: [
        { id: id(1), ...read, text: "one" },
        {
          id: id(2),
          thread: "106540352242922/16505551299",
          text: "two",
          user: { id: "16505551299" },
        },
        { id: id(3), thread: read.thread, user: { id: "16505551234" }, text: "three" },
      ],
    },
    "taps on a button of a template, a button and a list": {
      body: notified({
        contacts: [sheena],
        messages: [
          written({ type: "button", button: { text: "Unsubscribe", payload: "u" } }, 1),
          written(
            {
              type: "interactive",
              interactive: { type: "button_reply", button_reply: { id: "yes", title: "Yes" } },
            },
            2,
          ),
          written(
            {
              type: "interactive",
              interactive: {
                type: "list_reply",
                list_reply: { id: "a", title: "Priority", description: "1 day" },
              },
            },
            3,
          ),
        ],
      }),
      read: [
        { id: id(1), ...read, text: "Unsubscribe" },
        { id: id(2), ...read, text: "Yes" },
        { id: id(3), ...read, text: "Priority" },
      ],
    },
    "somebody who hides their number": {
      body: notified({
        contacts: [{ profile: { name: "Pablo" }, user_id: "US.13491208655302741918" }],
        messages: [
          written({ ...text("hi"), from: undefined, from_user_id: "US.13491208655302741918" }),
        ],
      }),
      read: [
        {
          id: id(1),
          thread: "106540352242922/US.13491208655302741918",
          user: { id: "US.13491208655302741918", name: "Pablo" },
          text: "hi",
        },
      ],
    },
  },
  ignored: {
    "a receipt": notified({
      statuses: [
        {
          id: "wamid.HBg",
          status: "failed",
          timestamp: "1749416383",
          recipient_id: "16505551234",
          errors: [{ code: 131047, title: "Re-engagement" }],
        },
      ],
    }),
    "what Meta would have given up long ago": notified({
      messages: [written({ ...text("hi"), timestamp: "1749416383" })],
    }),
    "a picture": notified({
      contacts: [sheena],
      messages: [written({ type: "image", image: { id: "2754859441498128", mime_type: "x" } })],
    }),
    "a reaction": notified({
      messages: [written({ type: "reaction", reaction: { message_id: "wamid.x", emoji: "👍" } })],
    }),
    "talk in a group": notified({ messages: [written({ ...text("hi"), group_id: "Y2FwaV9" })] }),
    "an error of Meta's": notified({ errors: [{ code: 130429, title: "Rate limit hit" }] }),
    "a number that leads elsewhere": notified({
      metadata: { phone_number_id: "../v1/me" },
      messages: [written(text("hi"))],
    }),
    "a sender that leads elsewhere": notified({
      messages: [written({ ...text("hi"), from: "1/../../x" })],
    }),
  },
  handshake: {
    method: "GET",
    query: "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=",
    role: "verify_token",
    answer: "1158201444",
  },
  sends: {
    url: /^https:\/\/graph\.facebook\.com\/v[\d.]+\/106540352242922\/messages$/,
    body: (body) => ({
      messaging_product: "whatsapp",
      recipient_type: "individual",
      to: "16505551234",
      type: "text",
      text: { body, preview_url: false },
    }),
  },
  host: "graph.facebook.com",
  saidIn: (body) => (body as { text: { body: string } }).text.body,
  refusals: [
    [200, { messaging_product: "whatsapp", messages: [{ id: "wamid.x" }] }, undefined],
    [400, failed(130429, "Rate limit hit"), { retryAfterMs: 1_000 }],
    [400, failed(131056, "Pair rate limit hit"), { retryAfterMs: 6_000 }],
    [429, failed(4, "Application request limit reached"), { retryAfterMs: 1_000 }],
    [
      400,
      failed(131047, "Re-engagement message"),
      { reason: "131047 (#131047) Re-engagement message" },
    ],
    [401, failed(190, "Access token has expired"), {}],
    [500, null, { reason: "status 500", retryAfterMs: 0 }],
  ],
};
