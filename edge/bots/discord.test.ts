import { expect, it } from "vitest";
import { discord as vendor } from "./vendors/discord.fixture.ts";
import { discord } from "./platforms/discord.ts";

const now = Date.parse("2026-11-27T12:00:00Z");
const minute = 60_000;

async function hear(body: object) {
  const text = JSON.stringify(body);
  const headers = await vendor.sign(text, vendor.secrets, now / 1000);
  const raw = new Uint8Array(new TextEncoder().encode(text));
  const url = new URL("https://aerostack.test/bots/bot_1/discord");
  const delivery = { method: "POST" as const, url, headers: new Headers(headers), raw, now };
  const received = await discord.receive(delivery, vendor.secrets);
  const [message] = received?.messages ?? [];
  return { message, answer: await received?.answer?.json<unknown>() };
}

/** What is sent in answer to it, that many minutes later. */
function answered(message: Awaited<ReturnType<typeof hear>>["message"], minutes: number) {
  const { thread = "", replyTo = "" } = message ?? {};
  const port = { secret: () => "<handle>", idempotencyKey: "k", now: now + minutes * minute };
  const { url, init } = discord.toRequest({ thread, text: "Here: @everyone", replyTo }, port);
  const headers = new Headers(init.headers);
  return { url, headers, body: JSON.parse(init.body as string) as Record<string, unknown> };
}

const followUp =
  "https://discord.com/api/v10/webhooks/775799577604522054/aW50ZXJhY3Rpb246MTox.unique-interaction_token";
const channel = "https://discord.com/api/v10/channels/645027906669510667/messages";

it("answers through the interaction while that lives, then into the channel", async () => {
  const { message, answer } = await hear(vendor.message("hello"));
  expect(answer).toEqual({ type: 5, data: { flags: 0 } });
  const soon = answered(message, 14);
  expect(soon.url).toBe(followUp);
  expect(soon.headers.get("authorization")).toBeNull();
  expect(soon.body).toEqual({
    content: "Here: @everyone",
    allowed_mentions: { parse: [] },
    flags: 4,
  });
  const later = answered(message, 15);
  expect(later.url).toBe(channel);
  expect(later.headers.get("authorization")).toBe("Bot <handle>");
  expect(later.body).toMatchObject({
    content: "<@53908232506183680> Here: @everyone",
    allowed_mentions: { parse: [], users: ["53908232506183680"] },
    enforce_nonce: true,
  });
});

it("shows the answer to a code to its writer alone, however late it comes", async () => {
  const { message, answer } = await hear(vendor.message(" 123456 "));
  expect(answer).toEqual({ type: 5, data: { flags: 64 } });
  expect(answered(message, 14).body).toMatchObject({ content: "Here: @everyone", flags: 68 });
  const late = answered(message, 15);
  expect(late.url).toBe(channel);
  expect(JSON.stringify(late.body)).not.toContain("Here:");
});

it.each([
  ["a command without a text", { data: { type: 1, name: "ask", id: "1" } }],
  ["a command of a message's menu", { data: { type: 3, name: "Report", target_id: "1" } }],
  ["a tap on a button", { type: 3, data: { custom_id: "x", component_type: 2 } }],
  ["a modal", { type: 5, data: { custom_id: "x", components: [] } }],
  ["something new", { type: 99 }],
  ["a channel that leads elsewhere", { channel_id: "../users/@me" }],
  ["a token that leads elsewhere", { token: "../../x?" }],
  ["a token that leads up", { token: ".." }],
])("says to its writer alone that %s is not understood", async (_, more) => {
  const { message, answer } = await hear({ ...vendor.message("hello"), ...more });
  expect(message).toBeUndefined();
  expect(answer).toMatchObject({ type: 4, data: { flags: 64 } });
});

it("suggests nothing while somebody types", async () => {
  const { message, answer } = await hear({ ...vendor.message("hel"), type: 4 });
  expect(message).toBeUndefined();
  expect(answer).toEqual({ type: 8, data: { choices: [] } });
});
