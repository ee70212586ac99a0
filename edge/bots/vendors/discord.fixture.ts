import { Buffer } from "node:buffer";
import { expect } from "vitest";
import type { Vendor } from "./vendor.fixture.ts";

/** PKCS #8 without its last 32 bytes, the key. */
const pkcs8 = "302e020100300506032b657004220420";

function interaction(more: object) {
  return {
    version: 1,
    type: 2,
    token: "aW50ZXJhY3Rpb246MTox.unique-interaction_token",
    id: "786008729715212338",
    application_id: "775799577604522054",
    guild_id: "290926798626357999",
    channel_id: "645027906669510667",
    context: 0,
    locale: "en-US",
    entitlements: [],
    member: {
      user: { id: "53908232506183680", username: "mason", global_name: "Mason", avatar: null },
      roles: ["539082325061836999"],
      permissions: "2147483647",
      nick: null,
    },
    data: {
      type: 1,
      name: "ask",
      id: "771825006014889984",
      options: [{ type: 3, name: "text", value: "hello" }],
    },
    ...more,
  };
}
const asked = (value: unknown) => ({
  data: { type: 1, name: "ask", id: "1", options: [{ type: 3, name: "text", value }] },
});
const mason = {
  thread: "645027906669510667/53908232506183680",
  user: { id: "53908232506183680", name: "Mason" },
};

/** https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object */
export const discord: Vendor = {
  secrets: {
    public_key: "c5f2c541b5af0509c1dc86497bf2b4806ea0ffe49e686281b577780ea879d3ba",
    bot_token: "canary-discord-1",
    private_key: "6b61c049003d3059e378dfb3ecad2ab2028c1fd2e3c96a46bda923fdd4cdf776",
  },
  others: {
    public_key: "ebd48c27d2d1e4d76e7d82c0eebcfc27ac7c1cc69764001a42a3d3f39f0c9806",
    bot_token: "canary-discord-2",
    private_key: "332471e747bd208236f78545083bb4655b0975825444be01745c128f0a6e272f",
  },
  isTimed: true,
  isBodySigned: true,
  async sign(body, { private_key = "" }, seconds) {
    const bytes = Buffer.from(pkcs8 + private_key, "hex");
    const key = await crypto.subtle.importKey("pkcs8", bytes, "Ed25519", false, ["sign"]);
    const signature = await crypto.subtle.sign("Ed25519", key, Buffer.from(`${seconds}${body}`));
    return {
      "content-type": "application/json",
      "x-signature-ed25519": Buffer.from(signature).toString("hex"),
      "x-signature-timestamp": String(seconds),
    };
  },
  message: (text, number = 1) => interaction({ id: `78600872971521233${number}`, ...asked(text) }),
  read: mason,
  also: {
    "a direct message": {
      body: interaction({
        context: 1,
        guild_id: null,
        member: null,
        channel_id: "319674150115610528",
        user: { id: "53908232506183680", username: "mason" },
      }),
      read: [
        {
          id: "786008729715212338",
          thread: "319674150115610528",
          user: { id: "53908232506183680", name: "mason" },
          text: "hello",
          replyTo: expect.any(String),
        },
      ],
    },
    "the option of a subcommand": {
      body: interaction({
        data: {
          type: 1,
          name: "shop",
          id: "1",
          options: [{ type: 1, name: "order", options: [{ type: 3, name: "what", value: "tea" }] }],
        },
      }),
      read: [{ id: "786008729715212338", ...mason, text: "tea", replyTo: expect.any(String) }],
    },
  },
  ignored: {},
  handshake: {
    method: "POST",
    body: { version: 1, type: 1, token: "x", id: "1", application_id: "775799577604522054" },
    answer: `{"type":1}`,
  },
  sends: {
    url: /^https:\/\/discord\.com\/api\/v10\/channels\/645027906669510667\/messages$/,
    body: (text) => ({
      content: `<@53908232506183680> ${text}`,
      allowed_mentions: { parse: [], users: ["53908232506183680"] },
      flags: 4,
    }),
  },
  host: "discord.com",
  saidIn: ({ content }) => content,
  refusals: [
    [200, { id: "1", type: 19, content: "x" }, undefined],
    [
      429,
      { message: "You are being rate limited.", retry_after: 64.5, global: false },
      { retryAfterMs: 64_500 },
    ],
    [404, { message: "Unknown Channel", code: 10003 }, { reason: "10003 Unknown Channel" }],
    [
      404,
      { message: "Unknown Webhook", code: 10015 },
      { reason: "10015 Unknown Webhook", retryAfterMs: 0 },
    ],
    [403, { message: "Missing Access", code: 50001 }, { reason: "50001 Missing Access" }],
    [502, "", { reason: "status 502", retryAfterMs: 0 }],
  ],
};
