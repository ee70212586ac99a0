import { expect, test } from "vitest";
import { nodes } from "#edge/nodes/index";
import { plan } from "./plan.ts";

const planOf = (intent: string, catalogue = nodes) =>
  plan({ intent }, { catalogue, searchRegistry: () => Promise.resolve([]), now: () => 0 });

/** The types of the steps of each workflow, and the config of the first one's last step. */
async function builtFor(intent: string, catalogue = nodes) {
  const { blueprint, warnings } = await planOf(intent, catalogue);
  const workflows = blueprint?.workflows ?? [];
  return {
    types: workflows.map((one) => one.nodes.map(({ type }) => type)),
    config: workflows[0]?.nodes.at(-1)?.config,
    endpoints: blueprint?.endpoints?.map(({ name }) => name),
    output: workflows[0]?.output,
    warnings: warnings.join(" "),
  };
}

test.each([
  ["When a customer signs up, send them a WhatsApp message after 2 days", "whatsapp", 2_880],
  ["when someone fills the contact form, post to Slack 30 minutes later", "slack", 30],
  ["When a deal is closed in HubSpot, email the customer a note a week later", "email", 10_080],
])("what is to be sent later is put off: %s", async (intent, channel, minutes) => {
  const { types, config } = await builtFor(intent);
  expect(types).toEqual([["trigger", "schedule_message"]]);
  expect(config).toMatchObject({ delay_minutes: minutes, message: { channel } });
});

test.each([
  "when an order comes in, tell us in Slack, and email the customer two days later",
  "when an order comes in, alert Slack and two days later email the customer",
])("of two messages only the one that is said with the time is put off: %s", async (intent) => {
  const { types, config } = await builtFor(intent);
  expect(types).toEqual([["trigger", "send_message", "schedule_message"]]);
  expect(config).toMatchObject({ delay_minutes: 2_880, message: { channel: "email" } });
});

test("a message that an answer makes needless can be called off", async () => {
  const intent = "When a quote is sent, remind the customer by e-mail three days later";
  const { types, endpoints, output } = await builtFor(`${intent} unless they answered`);
  expect(types).toEqual([
    ["trigger", "schedule_message"],
    ["trigger", "schedule_message"],
  ]);
  expect(endpoints).toEqual([expect.stringMatching(/_answered$/)]);
  expect(output).toMatchObject({ message: expect.stringContaining("output.id") });
  expect((await builtFor(intent)).endpoints).toBeUndefined();
});

test.each([
  "Every day remind customers whose invoice is unpaid 30 days after the due date by email",
  "Close GitHub issues after 60 days without activity and tell us in Slack",
  "when an order comes in, tell us in Slack, and again when it is 3 days late",
])("a time that is a condition puts nothing off: %s", async (intent) => {
  expect((await builtFor(intent)).types.flat()).not.toContain("schedule_message");
});

test("what cannot be put off is said", async () => {
  const { schedule_message: _, ...others } = nodes;
  const intent = "when someone fills the contact form, post to Slack 30 minutes later";
  const { types, warnings } = await builtFor(intent, others);
  expect(types).toEqual([["trigger", "send_message"]]);
  expect(warnings).toContain("is sent at once");
  const byApi = await builtFor("When a customer signs up, text them by Twilio two days later");
  expect(byApi.warnings).toContain("is sent at once");
});

test("a person is written to as a bot does, a channel by its webhook", async () => {
  const direct = await builtFor("when an incident is opened, DM the person on call in Slack");
  expect(direct.types).toEqual([["trigger", "send_proactive"]]);
  expect(direct.config).toMatchObject({ channel: "slack", token: "SLACK_BOT_TOKEN" });
  const channel = await builtFor("when an incident is opened, post it to our Slack channel");
  expect(channel.types).toEqual([["trigger", "send_message"]]);
});
