import { exports } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { heard } from "./chat.fixture.ts";
import { platforms } from "./platforms/index.ts";
import { talking } from "./talking.fixture.ts";
import { vendors } from "./vendors/index.fixture.ts";
import { slackEvent, spoken } from "./vendors/slack.fixture.ts";
import type { Vendor } from "./vendors/vendor.fixture.ts";

afterEach(() => vi.restoreAllMocks());

/** Values of the secrets that go out. */
function tokens(name: string, { secrets }: Vendor): string[] {
  const roles = Object.entries(platforms[name]?.secrets ?? {});
  return roles.flatMap(([role, { hosts }]) => (hosts ? (secrets[role] ?? "") : []));
}

describe.each(Object.entries(vendors))("%s", (name, vendor) => {
  it("asks for a code in the chat, takes it there and answers", async () => {
    const { sent, texts, code, send, seen } = await talking(name, vendor);
    expect((await send(vendor.message("hello", 1))).status).toBe(200);
    await heard(texts, 1);
    expect(texts()[0]).toMatch(/Sign in to Acme\nA code was sent to a…@example\.com\./);
    // The vendor, who heard no answer in time, says it again.
    expect((await send(vendor.message("hello", 1))).status).toBe(200);
    await send(vendor.message(code(), 2));
    await heard(texts, 2);
    expect(texts()[1]).toMatch(/Hello ada@example\.com\.$/);
    await send(vendor.message("And now?", 3));
    await heard(texts, 3);
    expect(texts()).toHaveLength(3);
    expect(texts()[2]).toMatch(/Welcome back, ada@example\.com\.$/);
    // Discord's answers go through the interaction, which is all that they need.
    const [token = ""] = tokens(name, vendor);
    for (const { url, authorization } of sent) {
      expect(`${url} ${authorization}`.includes(token)).toBe(name !== "discord");
    }
    expect(
      seen.requests.every(({ url }) => [vendor.host, "api.resend.com"].includes(new URL(url).host)),
    ).toBe(true);
  });

  it("hears nobody who signs with the secret of another bot", async () => {
    const { send, seen } = await talking(name, vendor);
    const refused = await send(vendor.message("hello", 1), vendor.others);
    expect(refused.status).toBe(401);
    const body = await refused.text();
    for (const secret of Object.values(vendor.secrets)) expect(body).not.toContain(secret);
    expect(seen.requests).toEqual([]);
  });

  it.runIf(vendor.handshake)("shakes hands at the address that the deploy gave", async () => {
    const { url, send } = await talking(name, vendor);
    const { body, query, role = "", answer } = vendor.handshake!;
    const asked = `${url}?${query}${encodeURIComponent(vendor.secrets[role] ?? "")}`;
    const response = body ? await send(body) : await exports.default.fetch(asked);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(answer);
  });
});

describe("slack, in a channel", () => {
  const [ada, bob, ts] = ["W021FGA1Z", "W099BOB", "1515449522.000016"];
  const channel = { ...spoken, channel_type: "channel" };
  const mention = (text: string, more: object = {}) =>
    slackEvent({ ...channel, type: "app_mention", text: `<@U0LAN0Z89> ${text}`, ts, ...more });
  const reply = (user: string, text: string, number: number) =>
    slackEvent({ ...channel, user, text, thread_ts: ts, ts: `1515449600.00000${number}` });

  it("takes a code from whom it asked, in the thread, without another mention", async () => {
    const { seen, texts, code, send } = await talking("slack", vendors["slack"]!);
    await send(mention("hello"));
    // The same message, told as one of the channel.
    await send(slackEvent({ ...channel, text: "<@U0LAN0Z89> hello", ts }));
    await heard(texts, 1);
    // From somebody else it is no answer, were it the right one: he is asked himself.
    const asked = code();
    await send(reply(bob, asked, 1));
    await heard(texts, 2);
    expect(texts()[1]).toContain("A code was sent");
    await send(reply(ada, "000000", 2));
    await heard(texts, 3);
    expect(texts()[2]).toContain("That is not right; 4 attempts left.");
    await send(reply(ada, asked, 3));
    await heard(texts, 4);
    expect(texts()[3]).toBe("Hello ada@example.com.");
    // What one has proved is nothing that another has.
    await send(reply("W033CAROL", "And for me?", 4));
    await heard(texts, 5);
    expect(texts()[4]).toContain("A code was sent");
    await send(reply(ada, "And now?", 5));
    await heard(texts, 6);
    expect(texts()[5]).toBe("Welcome back, ada@example.com.");
    for (const { url, body } of seen.requests) {
      if (url.startsWith("https://slack.com/")) {
        expect(JSON.parse(body)).toMatchObject({ channel: "C123ABC456", thread_ts: ts });
      }
    }
  });

  it("keeps out of talk that it was not called into", async () => {
    const { seen, texts, send } = await talking("slack", vendors["slack"]!);
    expect((await send(reply(bob, "lunch?", 1))).status).toBe(200);
    await send(mention("hello", { ts: "1515449700.000001" }));
    await heard(texts, 1);
    const threads = seen.requests.flatMap(({ url, body }) =>
      url.startsWith("https://slack.com/")
        ? Reflect.get(JSON.parse(body) as object, "thread_ts")
        : [],
    );
    expect(threads).toEqual(["1515449700.000001"]);
  });
});

/** Answers so once, and then no more. */
function once(body: object, init: ResponseInit): () => Response | undefined {
  let isFirst = true;
  return () => {
    const answer = isFirst ? Response.json(body, init) : undefined;
    isFirst = false;
    return answer;
  };
}

it("says again to Discord what overtook its acknowledgement", async () => {
  const vendor = vendors["discord"]!;
  const refuse = once({ message: "Unknown Webhook", code: 10015 }, { status: 404 });
  const { sent, texts, send } = await talking("discord", vendor, { refuse });
  await send(vendor.message("hello"));
  await heard(texts, 1);
  expect(sent[0]?.url).toContain("/webhooks/");
  expect(texts()[0]).toContain("A code was sent");
});

it("waits as long as a platform asks, and then says it", async () => {
  const headers = { "retry-after": "1" };
  const refuse = once({ ok: false, error: "ratelimited" }, { status: 429, headers });
  const { texts, seen, send } = await talking("slack", vendors["slack"]!, { refuse });
  await send(vendors["slack"]!.message("hello"));
  await heard(texts, 1);
  const posts = seen.requests.filter(({ url }) => url.startsWith("https://slack.com/"));
  expect(posts.map(({ body }) => body)).toEqual([posts[0]?.body, posts[0]?.body]);
});

it("drops what a platform refuses for good, and says what comes after", async () => {
  const refuse = once({ ok: false, error: "msg_too_long" }, { status: 200 });
  const { texts, seen, send } = await talking("slack", vendors["slack"]!, { refuse });
  await send(vendors["slack"]!.message("hello"));
  const posts = () => seen.requests.map(({ url }) => url).filter((url) => url.includes("slack"));
  await heard(posts, 1);
  await send(vendors["slack"]!.message("000000", 2));
  await heard(texts, 1);
  expect(texts()[0]).toContain("That is not right");
});
