import { afterEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { network, place, type Seen } from "#edge/gateway/gateway.fixture";
import { playClocked } from "#edge/workflow/clocked.fixture";
import { env, requestOf } from "#edge/workflow/run.fixture";
import { executeRun, readTrace } from "#edge/workflow/start";
import { channels } from "./support/channels/index.ts";
import { proactive } from "./support/proactive/index.ts";

const files = Object.keys(import.meta.glob(["./support/proactive/*.ts", "!**/index.ts"]));

afterEach(() => {
  vi.restoreAllMocks();
});

it("has one file per channel, named as on the wire, or shares that of send_message", () => {
  const names = files.map((file) => file.replace(/^.*\/|\.ts$/g, ""));
  for (const [name, channel] of Object.entries(proactive)) {
    expect(channel.name).toBe(name);
    const isShared = Object.values(channels).includes(channel as never);
    expect(names.includes(name)).toBe(!isShared);
  }
  expect(Object.keys(proactive)).toEqual(expect.arrayContaining(names));
});

const token = "canary-bot-token-0123456789";
type Request = Seen["requests"][number];
const json = (body: object, status = 200) => Response.json(body, { status });
const bodyOf = async (request: globalThis.Request) => await request.json<Record<string, unknown>>();

/** Answers as Slack does: always 200, and no to who is not signed in. */
async function slackApi(request: globalThis.Request): Promise<Response> {
  if (request.headers.get("authorization") !== `Bearer ${token}`) {
    return json({ ok: false, error: "not_authed" });
  }
  const { pathname, searchParams } = new URL(request.url);
  if (pathname === "/api/users.lookupByEmail") {
    const isKnown = searchParams.get("email") === "ada+oncall@acme.test";
    return json(
      isKnown ? { ok: true, user: { id: "U7" } } : { ok: false, error: "users_not_found" },
    );
  }
  if (!/^application\/json; charset=utf-8$/.test(request.headers.get("content-type") ?? "")) {
    return json({ ok: false, error: "invalid_arguments" });
  }
  const body = await bodyOf(request);
  if (pathname === "/api/conversations.open") {
    return json({ ok: true, channel: { id: `D-${String(body["users"])}` } });
  }
  return json({ ok: true, channel: body["channel"], ts: "1503435956.000247" });
}

/** Answers as Discord does. */
async function discordApi(request: globalThis.Request): Promise<Response> {
  if (request.headers.get("authorization") !== `Bot ${token}`) {
    return json({ message: "401: Unauthorized", code: 0 }, 401);
  }
  const body = await bodyOf(request);
  if (request.url.endsWith("/users/@me/channels")) {
    if (body["recipient_id"] === "80351110224678913") {
      return json({ message: "Unknown User", code: 10013 }, 400);
    }
    return json({ id: "319674150115610528", type: 1 });
  }
  return json({ id: "334385199974967042", channel_id: "319674150115610528" });
}

interface Case {
  readonly host: string;
  readonly config: object;
  readonly answer: (request: globalThis.Request) => Promise<Response>;
  readonly output: object;
  check(requests: readonly Request[]): void;
}
const bodies = (requests: readonly Request[]) =>
  requests.map(({ url, body }) => [url, body === "" ? null : (JSON.parse(body) as unknown)]);

const cases: Record<string, Case> = {
  "slack, by address": {
    host: "slack.com",
    config: { channel: "slack", token: "TOKEN", user: "{{ input.who }}", text: "Up & <away>" },
    answer: slackApi,
    output: { message_id: "1503435956.000247", conversation: "D-U7" },
    check: (requests) =>
      expect(bodies(requests)).toEqual([
        ["https://slack.com/api/users.lookupByEmail?email=ada%2Boncall%40acme.test", null],
        ["https://slack.com/api/conversations.open", { users: "U7" }],
        [
          "https://slack.com/api/chat.postMessage",
          { channel: "D-U7", text: "Up &amp; &lt;away&gt;" },
        ],
      ]),
  },
  "slack, into a channel": {
    host: "slack.com",
    config: { channel: "slack", token: "TOKEN", conversation: "C1", text: "Hi", blocks: [] },
    answer: slackApi,
    output: { conversation: "C1" },
    check: (requests) =>
      expect(bodies(requests)).toEqual([
        ["https://slack.com/api/chat.postMessage", { channel: "C1", text: "Hi", blocks: [] }],
      ]),
  },
  discord: {
    host: "discord.com",
    config: { channel: "discord", token: "TOKEN", user: "80351110224678912", text: "@everyone" },
    answer: discordApi,
    output: { message_id: "334385199974967042", conversation: "319674150115610528" },
    check(requests) {
      expect(requests[1]?.headers.get("user-agent")).toMatch(/^DiscordBot \(/);
      expect(bodies(requests)).toEqual([
        ["https://discord.com/api/v10/users/@me/channels", { recipient_id: "80351110224678912" }],
        [
          "https://discord.com/api/v10/channels/319674150115610528/messages",
          {
            content: "@everyone",
            allowed_mentions: { parse: [] },
            nonce: expect.stringMatching(/^[\w-]{25}$/),
            enforce_nonce: true,
          },
        ],
      ]);
    },
  },
  telegram: {
    host: "api.telegram.org",
    config: { channel: "telegram", token: "TOKEN", chat: "42", text: "Hi" },
    answer: async () => json({ ok: true, result: { message_id: 9 } }),
    output: { message_id: "9" },
    check: (requests) =>
      expect(bodies(requests)).toEqual([
        [`https://api.telegram.org/bot${token}/sendMessage`, { chat_id: "42", text: "Hi" }],
      ]),
  },
  whatsapp: {
    host: "graph.facebook.com",
    config: {
      channel: "whatsapp",
      token: "TOKEN",
      phone_number_id: "106540352242922",
      to: "+16505551234",
      template: "order_update",
      language: "en_US",
      parameters: ["Ada\n\tLovelace", "12"],
    },
    answer: async () => json({ messages: [{ id: "wamid.HBg" }] }),
    output: { message_id: "wamid.HBg" },
    check(requests) {
      expect(requests[0]?.headers.get("authorization")).toBe(`Bearer ${token}`);
      expect(bodies(requests)).toEqual([
        [
          "https://graph.facebook.com/v23.0/106540352242922/messages",
          {
            messaging_product: "whatsapp",
            recipient_type: "individual",
            to: "16505551234",
            type: "template",
            template: {
              name: "order_update",
              language: { code: "en_US" },
              components: [
                {
                  type: "body",
                  parameters: [
                    { type: "text", text: "Ada Lovelace" },
                    { type: "text", text: "12" },
                  ],
                },
              ],
            },
          },
        ],
      ]);
    },
  },
  email: {
    host: "api.resend.com",
    config: {
      channel: "email",
      token: "TOKEN",
      from: "Acme <a@acme.test>",
      to: "{{ input.who }}",
      subject: "Hi",
      text: "Hello",
    },
    answer: async () => json({ id: "49a3999c" }),
    output: { message_id: "49a3999c" },
    check(requests) {
      expect(requests[0]?.headers.get("idempotency-key")).toMatch(/^run_\w+:step\/send$/);
      expect(bodies(requests)).toMatchObject([
        ["https://api.resend.com/emails", { to: ["ada+oncall@acme.test"] }],
      ]);
    },
  },
  "whatsapp, to who hides their number": {
    host: "graph.facebook.com",
    config: {
      channel: "whatsapp",
      token: "TOKEN",
      phone_number_id: "106540352242922",
      to: "US.13491208655302741918",
      template: "hello",
      language: "en_US",
    },
    answer: async () => json({ messages: [{ id: "wamid.HBh" }] }),
    output: { message_id: "wamid.HBh" },
    check(requests) {
      const [request] = requests;
      const body = JSON.parse(request?.body ?? "{}") as Record<string, unknown>;
      expect(body).toMatchObject({ recipient: "US.13491208655302741918" });
      expect(body).not.toHaveProperty("to");
    },
  },
};

/** A run of one step in a workspace whose token is bound to this host. */
async function play(host: string, config: object, more: { retry?: object } = {}) {
  const where = await place();
  const secret = { name: "TOKEN", purpose: "", kind: "token" as const, hosts: [host] };
  unwrap(await where.stub.declareSecret(secret));
  unwrap(await where.stub.putSecret("TOKEN", token));
  const request = requestOf(
    { start: { type: "trigger" }, step: { type: "send_proactive", config, ...more } },
    [["start", "step"]],
    {
      mode: "live",
      workspaceId: where.identity.id,
      input: { who: "ada+oncall@acme.test" },
    },
  );
  const document = { ...request.document, secrets: [secret] };
  const result = await executeRun(env, { ...request, document }, 20_000);
  return { result, trace: await readTrace(env, request.id) };
}

it.each(Object.entries(cases))(
  "%s: sends what the platform takes, and shows its token to nobody",
  async (_, one) => {
    const seen = network({ [one.host]: one.answer });
    const { result, trace } = await play(one.host, one.config);
    expect(result).toMatchObject({ status: "succeeded", output: { status: 200, ...one.output } });
    one.check(seen.requests);
    expect(JSON.stringify(trace)).not.toContain(token);
  },
);

describe("who cannot be reached", () => {
  const slack = { channel: "slack", token: "TOKEN", text: "Hi" };
  const discord = { channel: "discord", token: "TOKEN", text: "Hi" };
  const blocked = { ok: false, error_code: 403, description: "Forbidden: bot was blocked" };
  const noUser = { error: { message: "Message undeliverable", code: 131026 } };
  const [, , , telegram, whatsapp] = Object.values(cases);
  it.each([
    ["slack.com", { ...slack, user: "eve@acme.test" }, slackApi],
    ["discord.com", { ...discord, user: "80351110224678913" }, discordApi],
    ["api.telegram.org", telegram?.config ?? {}, async () => json(blocked, 403)],
    ["graph.facebook.com", whatsapp?.config ?? {}, async () => json(noUser, 400)],
  ])("%s: fails once, with a code of its own", async (host, config, answer) => {
    const seen = network({ [host]: answer });
    const { result } = await play(host, config);
    expect(result.error?.code).toBe("message.unreachable");
    expect(seen.requests).toHaveLength(1);
  });

  it("any other no is a refusal, though Slack says it with 200", async () => {
    network({ "slack.com": async () => json({ ok: false, error: "missing_scope" }) });
    const { result } = await play("slack.com", { ...slack, user: "U1" });
    expect(result.error?.code).toBe("message.refused");
    expect(result.error?.message).toContain("missing_scope");
  });
});

it("waits as long as the platform asks, and opens the conversation once", async () => {
  let posts = 0;
  const config = { channel: "slack", token: "TOKEN", user: "U1", text: "Hi" };
  const request = requestOf(
    { start: { type: "trigger" }, step: { type: "send_proactive", config } },
    [["start", "step"]],
    { mode: "live" },
  );
  await playClocked(
    request,
    async (table) => {
      await table.pass(29_000);
      expect(table.sent).toHaveLength(2);
      await table.restart();
      await table.pass(1_000);
      expect(table.sent.map(({ url }) => new URL(url).pathname)).toEqual([
        "/api/conversations.open",
        "/api/chat.postMessage",
        "/api/chat.postMessage",
      ]);
      expect(table.step("step")?.output).toMatchObject({ conversation: "D1", message_id: "2.1" });
    },
    ({ url }) => {
      if (url.endsWith("open")) return json({ ok: true, channel: { id: "D1" } });
      posts += 1;
      const headers = { "retry-after": "30" };
      const busy = { ok: false, error: "ratelimited" };
      return posts > 1
        ? json({ ok: true, ts: "2.1" })
        : Response.json(busy, { status: 429, headers });
    },
  );
});
