import { expect, test } from "vitest";
import { evaluateExpression } from "#blueprints/expression";
import { nodes } from "#edge/nodes/index";
import { readConditions, toExpression } from "./embedded/conditions.ts";
import { plan } from "./plan.ts";

const draft = async (intent: string) =>
  (
    await plan(
      { intent },
      { catalogue: nodes, searchRegistry: () => Promise.resolve([]), now: () => 0 },
    )
  ).blueprint;

/** What is said, an input that meets it, one that does not. */
const spoken: readonly (readonly [string, Record<string, unknown>, Record<string, unknown>])[] = [
  ["orders with an amount over 1000", { amount: 1001 }, { amount: 1000 }],
  ["notify us when the order total exceeds $500", { order_total: 501 }, { order_total: 2 }],
  [
    "customers with a lifetime value greater than 5k",
    { lifetime_value: 6000 },
    { lifetime_value: 5 },
  ],
  ["bookings with at least 5 seats", { quantity: 5 }, { quantity: 4 }],
  ["if the rating is below 3 open a ticket", { rating: 2 }, { rating: 3 }],
  ["payments of 1,000 euros or more", { amount: 1000 }, { amount: 999 }],
  ["if fewer than 10 pieces are left", { quantity: 9 }, { quantity: 10 }],
  ["delete images older than 30 days", { age_days: 31 }, { age_days: 30 }],
  ["issues without activity for 60 days", { idle_days: 60 }, { idle_days: 59 }],
  ["incidents with severity critical", { severity: "Critical" }, { severity: "low" }],
  ['orders where the status is not "paid"', { status: "open" }, { status: "paid" }],
  ["only when the country is Germany", { country: "germany" }, { country: "France" }],
  ["leads whose plan equals pro", { plan: "pro" }, { plan: "free" }],
  [
    'if the subject contains "invoice" or "receipt"',
    { subject: "Your Receipt" },
    { subject: "Hello" },
  ],
  ['when a ticket mentions "refund"', { text: "Refund me" }, { text: "Thanks" }],
];

test.each(spoken)("%s: is asked of a field, false where it is missing", (said, meets, fails) => {
  const conditions = readConditions(said);
  expect(conditions).toHaveLength(1);
  const when = toExpression(conditions[0]!, "input");
  expect(evaluateExpression(when, { input: meets })).toBe(true);
  expect(evaluateExpression(when, { input: fails })).toBe(false);
  expect(evaluateExpression(when, { input: {} })).toBe(false);
});

test.each([
  "summarise this in under 200 words",
  "every day at 9 over Slack",
  "reply within 2 hours",
  "remind them two hours after the call",
  "when an order is paid, thank the customer",
  "alert me when something changes",
])("%s: is no condition on the data", (said) => {
  expect(readConditions(said)).toEqual([]);
});

test("the condition of an intent stands between trigger and message, on a field of the input schema, tested both ways", async () => {
  const blueprint = await draft(
    "when an order comes in over a webhook or API with an amount over 1000, post a message to our Slack channel",
  );
  const [workflow] = blueprint?.workflows ?? [];
  expect(workflow?.nodes.map(({ type }) => type)).toEqual(["trigger", "logic", "send_message"]);
  expect(workflow?.nodes[1]?.config).toEqual({
    cases: [{ port: "matched", when: "has(input.amount) and double(input.amount) > 1000" }],
  });
  expect(workflow?.input).toMatchObject({
    properties: { amount: { type: "number" } },
    required: ["amount"],
  });
  expect(workflow?.edges).toContainEqual({ from: "decide", port: "matched", to: "notify_slack" });
  const inputs = blueprint?.tests?.map(({ input, expect: wanted }) => [input, wanted]) ?? [];
  expect(inputs).toContainEqual([
    expect.objectContaining({ amount: 1500 }),
    expect.objectContaining({ visited: ["decide", "notify_slack"] }),
  ]);
  expect(inputs).toContainEqual([
    expect.objectContaining({ amount: 500 }),
    expect.objectContaining({ not_visited: ["notify_slack"], no_effects: true }),
  ]);
});

test("who is to be left out is left out", async () => {
  const blueprint = await draft(
    "Leads that come from example.com should be ignored, all others go to Pipedrive",
  );
  expect(JSON.stringify(blueprint?.workflows?.[0]?.nodes)).toContain("not (has(input.email)");
});

test("only the side that needs a person waits for one", async () => {
  const blueprint = await draft(
    "Refund requests under 20 euros are refunded automatically through Stripe, larger ones need a manager's OK in Slack",
  );
  const edges = blueprint?.workflows?.find(({ name }) => !name.endsWith("_decision"))?.edges ?? [];
  expect(edges).toContainEqual({ from: "decide", port: "else", to: "approval" });
  expect(edges).toContainEqual({ from: "decide", port: "matched", to: "write_stripe_2" });
});

test("every label goes its own way", async () => {
  const blueprint = await draft(
    "classify incoming leads as hot, warm or cold; hot goes to Slack, warm to a Mailchimp list, cold is archived in Airtable",
  );
  const edges = blueprint?.workflows?.[0]?.edges ?? [];
  const ways = edges.filter(({ from }) => from === "route_by_kind");
  expect(ways).toEqual([
    { from: "route_by_kind", port: "hot", to: "notify_slack" },
    { from: "route_by_kind", port: "warm", to: "write_mailchimp" },
    { from: "route_by_kind", port: "cold", to: "write_airtable" },
  ]);
});

test("kinds that share one destination need no choice", async () => {
  const blueprint = await draft(
    "classify new Zendesk tickets as bug, billing or other and log them in a Google Sheet",
  );
  expect(blueprint?.workflows?.[0]?.nodes.filter(({ type }) => type === "logic")).toEqual([]);
});

test("a budget is heard: what costs by use is named", async () => {
  const { warnings } = await plan(
    { intent: "summarise new Zendesk tickets with Claude daily", constraints: { budget: 20 } },
    { catalogue: nodes, searchRegistry: () => Promise.resolve([]), now: () => 0 },
  );
  expect(warnings.join(" ")).toMatch(/budget of 20 US dollars.*"ask_model"/);
});
