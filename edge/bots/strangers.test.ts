import { env as testEnv } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import type { BlueprintInput } from "#blueprints/blueprint";
import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { runStub } from "#edge/workflow/start";
import { deliver, heard } from "./chat.fixture.ts";
import { talking } from "./talking.fixture.ts";
import { vendors } from "./vendors/index.fixture.ts";
import { slackEvent, spoken } from "./vendors/slack.fixture.ts";
import { notified, text, written } from "./vendors/whatsapp.fixture.ts";

const env = testEnv as unknown as Env;
afterEach(() => vi.restoreAllMocks());

/** Says what it was told, once by a step and once as its answer. */
const echo: BlueprintInput = {
  name: "echo",
  workflows: [
    {
      name: "echo_turn",
      nodes: [
        { id: "start", type: "trigger", config: { source: "bot" } },
        {
          id: "say",
          type: "send_message",
          config: { channel: "conversation", text: "One moment, {{ input.message }}." },
        },
      ],
      edges: [{ from: "start", to: "say" }],
      output: { answer: "You said {{ input.message }}." },
    },
  ],
  bots: [{ name: "echo", workflow: "echo_turn", platforms: ["slack"] }],
};

it("who floods a batch keeps nobody else's message in it from being taken", async () => {
  const { send, sent } = await talking("whatsapp", vendors["whatsapp"]!, { blueprint: echo });
  const flood = Array.from({ length: 101 }, (_, number) => written(text("spam"), number));
  const other = written({ ...text("help"), from: "16505550000" }, 999);
  const response = await send(notified({ messages: [...flood, other] }));
  expect(response.status).toBe(429);
  const said = () => sent.filter(({ body }) => body["to"] === "16505550000").map((one) => one.text);
  await heard(said, 2);
  expect(said()).toContain("You said help.");
});

it("who does not answer a question keeps nobody else from being heard", async () => {
  const { send, texts } = await talking("slack", vendors["slack"]!);
  const [channel, ts] = [{ ...spoken, channel_type: "channel" }, "1515449522.000016"];
  const said = (user: string, at: string) =>
    slackEvent({ ...channel, user, text: "<@U0LAN0Z89> hello", ts: at, thread_ts: ts });
  await send(said("W01SILENT", ts));
  await heard(texts, 1);
  await send(said("W02OTHER", "1515449523.000001"));
  await heard(texts, 2);
  expect(texts()[1]).toContain("A code was sent");
});

it("a bot that lacks a secret looks like none", async () => {
  const { stub, send, url } = await talking("slack", vendors["slack"]!, { blueprint: echo });
  unwrap(await stub.deleteSecret("SLACK_SIGNING_SECRET"));
  const lacking = await send(vendors["slack"]!.message("hello"));
  const unknown = await deliver(url.replace(/bot_\w+/, "bot_unknown"), {});
  expect([lacking.status, await lacking.text()]).toEqual([unknown.status, await unknown.text()]);
});

it("what Discord gave for the answer is in no trace", async () => {
  const { stub, send, texts } = await talking("discord", vendors["discord"]!, { blueprint: echo });
  await send(vendors["discord"]!.message("hello"));
  await heard(texts, 2);
  const [run] = unwrap(await stub.listRuns({}));
  const trace = JSON.stringify(unwrap(await runStub(env, run?.id ?? "").inspect()));
  expect(trace).toContain("One moment, hello.");
  expect(trace).toContain("https://discord.com/");
  expect(trace).not.toContain("unique-interaction_token");
});

it("a delivery is heard at its own bot's address for its own platform alone", async () => {
  const [one, other] = [
    await talking("slack", vendors["slack"]!, { blueprint: echo }),
    await talking("slack", { ...vendors["slack"]!, secrets: vendors["slack"]!.others }),
  ];
  const body = JSON.stringify(vendors["slack"]!.message("hello"));
  const at = Math.floor(Date.now() / 1000);
  const headers = await vendors["slack"]!.sign(body, vendors["slack"]!.secrets, at);
  for (const url of [other.url, one.url.replace(/slack$/, "whatsapp"), `${one.url}/x`]) {
    expect((await deliver(url, body, headers)).status).toBeOneOf([401, 404]);
  }
  expect((await deliver(one.url, body, headers)).status).toBe(200);
  await heard(other.texts, 2);
  expect(unwrap(await other.stub.listRuns({}))).toEqual([]);
});

it.each(Object.keys(vendors))(
  "%s: nothing that its secret signs is a failure of ours",
  async (name) => {
    const vendor = vendors[name]!;
    const { url } = await talking(name, vendor, { blueprint: echo });
    const long = "x".repeat(2_900_000);
    const message = JSON.stringify(vendor.message("TEXT"));
    const bodies = [
      "",
      "{",
      "payload=%7B%7D",
      "\ufeff{}",
      '"\ud800"',
      "[".repeat(100_000),
      `{"a":`.repeat(9_000),
      message.replace("TEXT", long),
      ...Array.from(message.matchAll(/"[^"]*"(?=[,}\]])/g), ([value]) =>
        message.replace(value, `"${long}"`),
      ),
      message.replace("TEXT", "\\u0000\\ud800"),
    ];
    for (const body of bodies) {
      const headers = await vendor.sign(body, vendor.secrets, Math.floor(Date.now() / 1000));
      const response = await deliver(url, body, headers);
      expect(response.status, `${body.slice(0, 80)}: ${await response.text()}`).toBeLessThan(500);
    }
  },
);
