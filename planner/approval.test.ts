import { expect, test } from "vitest";
import { checkBlueprint } from "#blueprints/check";
import { nodes } from "#edge/nodes/index";
import { plan } from "./plan.ts";
import { scaffold } from "./scaffold.ts";

const toolsWith = (catalogue = nodes) => ({
  catalogue,
  searchRegistry: () => Promise.resolve([]),
  now: () => 0,
});

async function planned(intent: string, catalogue = nodes) {
  const answer = await plan({ intent }, toolsWith(catalogue));
  const steps = answer.blueprint?.workflows?.flatMap((one) => one.nodes) ?? [];
  const edges = answer.blueprint?.workflows?.[0]?.edges ?? [];
  const reviews = steps.filter(({ type }) => type === "human_review");
  return {
    answer,
    types: steps.map(({ type }) => type),
    review: reviews[0]?.config ?? {},
    reviews,
    edges: edges.map(({ from, port = "next", to }) => `${from}:${port}>${to}`),
  };
}

test.each([
  ["ask maria for approval", ["maria"]],
  ["ask @maria for her approval before the order is sent", ["@maria"]],
  ["when an invoice comes in, maria@acme.dev must approve it", ["maria@acme.dev"]],
  ["publish the article to Ghost once otto or maria has signed off", ["otto", "maria"]],
  ["Wait for a go-ahead from the admins before deleting inactive users", ["role:admin"]],
  ["a developer has to approve each deployment", ["role:developer"]],
  ["hold the payment until Maria Rossi says yes", ["Maria Rossi"]],
  ["ask ops-anna to confirm before the server restarts", ["ops-anna"]],
  ["Before any refund goes out, get the okay of Priya", ["Priya"]],
  ["New drafts must be greenlit by jonas, then they are published", ["jonas"]],
  ["Have @kim double check each payout", ["@kim"]],
  ["send the quote to sales-lead@acme.dev for sign-off", ["sales-lead@acme.dev"]],
  ["ask the on-call developer if we should roll back", ["role:developer"]],
  ["Wenn eine Rechnung kommt, soll maria sie freigeben", ["maria"]],
])("who is named decides, and nobody else: %s", async (intent, reviewers) => {
  const { answer, review } = await planned(intent);
  expect(review).toMatchObject({ reviewers });
  expect(answer.blueprint?.endpoints ?? []).toEqual([]);
  expect(answer.questions.map(({ id }) => id)).not.toContain("reviewers");
  expect(answer.requires.decisions).toContainEqual(
    expect.objectContaining({ id: "reviewers", chosen: reviewers.join(", ") }),
  );
});

test.each([
  ["wait until a manager approves the expense", ["role:admin"]],
  ["legal signs off on the contract, then it is filed", ["role:admin"]],
  ["delete old accounts once a month, but ask me first", []],
  ["orders over 2000 dollars are held until someone reviews them", []],
])("who is only hinted at is asked about, and costs confidence: %s", async (intent, reviewers) => {
  const { answer, review } = await planned(intent);
  expect(review).toMatchObject({ reviewers });
  expect(answer.questions.map(({ id }) => id)).toContain("reviewers");
  expect(answer.confidence).toBeLessThan(0.8);
});

test("a hint that names where they are asked costs confidence as well", async () => {
  const vague = await planned("ask a manager in Slack for approval of each expense");
  const named = await planned("ask maria in Slack for approval of each expense");
  expect(vague.answer.confidence).toBeLessThan(named.answer.confidence);
});

test.each([
  ["two admins must approve each data deletion", 2],
  ["both maria and otto have to approve the refund", 2],
  ["maria or otto can approve the refund", 1],
  ["maria, otto and lena must approve the budget", 3],
])("it takes as many approvals as the intent says: %s", async (intent, approvals) => {
  const { review } = await planned(intent);
  expect(review["approvals"] ?? 1).toBe(approvals);
});

test("one after the other where the intent says so", async () => {
  const { reviews, edges } = await planned(
    "maria approves, then otto signs off, then the invoice is paid through Wise",
  );
  expect(reviews.map(({ config }) => config?.["reviewers"])).toEqual([["maria"], ["otto"]]);
  expect(edges).toContain("approval:approved>approval_2");
  expect(edges).toContain("approval_2:approved>write_wise");
  expect(edges).toContain("approval_2:rejected>rejected");
});

test.each([
  ["ask maria for approval within 4 hours before the order is sent", 240],
  ["ask maria for approval before the order is sent, give her 2 days", 2_880],
  ["ask maria for approval, auto-reject after 30 minutes", 30],
  ["ask maria for approval; if nobody answers within a week, tell us in Slack", 10_080],
  ["wait up to 48 hours for maria to approve the order", 2_880],
])("it waits as long as the intent says, and puts nothing off: %s", async (intent, minutes) => {
  const { review, types, answer } = await planned(intent);
  expect(review).toMatchObject({ timeout_minutes: minutes });
  expect(types).not.toContain("schedule_message");
  expect(answer.blueprint?.schedules ?? []).toEqual([]);
});

test("what nobody decides goes where the intent says", async () => {
  const asked = "When a refund request arrives, ask maria in Slack for approval";
  const rejects = await planned(`${asked} within 2 days, otherwise it is rejected`);
  expect(rejects.review).toMatchObject({ on_timeout: "rejected", timeout_minutes: 2_880 });
  const approves = await planned(`${asked}; after 3 days without an answer go ahead`);
  expect(approves.review).toMatchObject({ on_timeout: "approved", timeout_minutes: 4_320 });
  const escalates = await planned(
    `${asked}; if she does not answer within a day, escalate to the admins by e-mail`,
  );
  expect(escalates.edges).toContain("approval:timeout>escalation");
  expect(escalates.reviews[1]?.config).toMatchObject({
    reviewers: ["role:admin"],
    notify: [{ channel: "email" }],
  });
  const first = await planned("Escalate to the admins after 6 hours if lena hasn't approved it");
  expect(first.reviews.map(({ config }) => config?.["reviewers"])).toEqual([
    ["lena"],
    ["role:admin"],
  ]);
  const silent = await planned(
    "legal has 3 business days to review each contract; silence means approval",
  );
  expect(silent.review).toMatchObject({ timeout_minutes: 4_320, on_timeout: "approved" });
  const tells = await planned(`${asked}; if nobody decides in 2 days, tell us in Discord`);
  expect(tells.edges).toContain("approval:timeout>tell_timed_out");
});

test("what is rejected goes where the intent says, and reaches no step of the approved way", async () => {
  const { edges } = await planned(
    "Publish the post to Ghost once maria approves it in Slack; if it is rejected, open a ticket in Linear",
  );
  expect(edges).toContain("approval:approved>write_ghost");
  expect(edges).toContain("approval:rejected>write_linear");
  expect(edges).toContain("approval:timeout>timed_out");
});

test("people are asked in the place that is named for it, and only there", async () => {
  const slack = await planned(
    "When an expense report comes in over the endpoint, ask maria for approval in Slack before it is paid through Stripe",
  );
  expect(slack.review).toMatchObject({ notify: [{ channel: "slack" }] });
  expect(slack.types).not.toContain("send_message");
  expect(slack.answer.blueprint?.bots ?? []).toEqual([]);
  const both = await planned("ask maria for approval, then post the order to our Slack channel");
  expect(both.review).not.toHaveProperty("notify");
  expect(both.types).toContain("send_message");
  const customer = await planned("email the customer once maria approves it in Telegram");
  expect(customer.review).toMatchObject({ notify: [{ channel: "telegram" }] });
});

test("reminders are sent to who decides; no schedule is made of them", async () => {
  const { review, answer } = await planned(
    "when a contract is uploaded, ask maria in Slack to approve it, remind her every 4 hours",
  );
  expect(review).toMatchObject({ remind_after_minutes: 240 });
  expect(answer.blueprint?.schedules ?? []).toEqual([]);
  const daily = await planned("ask maria to approve each contract; remind her daily in Slack");
  expect(daily.review).toMatchObject({
    remind_after_minutes: 1_440,
    notify: [{ channel: "slack" }],
  });
  expect(daily.answer.blueprint?.schedules ?? []).toEqual([]);
});

test("what an approval has to enter is a form, and every test fills it", async () => {
  const { review, answer } = await planned(
    "Endpoint for discounts: otto approves and enters the discount percentage, then update the deal in HubSpot",
  );
  expect(review).toMatchObject({ form: { required: ["discount_percentage"] } });
  const tests = answer.blueprint?.tests ?? [];
  const approved = tests.find(({ name }) => name.endsWith("what is approved is done"));
  expect(approved?.stubs?.[0]).toMatchObject({
    match: "approval",
    body: { decision: "approved", fields: { discount_percentage: expect.any(Number) } },
  });
  expect(tests.map(({ name }) => name.split(": ")[1])).toEqual(
    expect.arrayContaining([
      "what is rejected is not done",
      "what nobody decides in time goes its own way",
    ]),
  );
});

test("what the caller enters is no field of the approval", async () => {
  const over = "maria approves orders with an amount over 100 before they are sent";
  expect((await planned(over)).review).not.toHaveProperty("form");
  const said = "ask maria for approval of the refund; she enters a reason";
  expect((await planned(said)).review).toMatchObject({ form: { required: ["reason"] } });
});

test("the answer about who decides is put in", async () => {
  const tools = toolsWith();
  const answer = await plan({ intent: "wait until a manager approves the expense" }, tools);
  const { blueprint, checks } = await scaffold(
    { plan: answer, answers: { reviewers: "maria, @otto" } },
    tools,
  );
  expect(JSON.stringify(blueprint.workflows)).toContain('"reviewers":["maria","@otto"]');
  expect(checks.map(({ code }) => code)).not.toContain("scaffold.replan");
});

test("a review in a blueprint of one's own gets a test that fills its form", async () => {
  const form = {
    type: "object",
    properties: { receipt: { type: "integer" } },
    required: ["receipt"],
  };
  const { blueprint } = await scaffold(
    {
      blueprint: {
        name: "desk",
        workflows: [
          {
            name: "refund",
            nodes: [
              { id: "start", type: "trigger", config: {} },
              { id: "review", type: "human_review", config: { title: "Refund?", form } },
            ],
            edges: [{ from: "start", to: "review" }],
          },
        ],
      },
    },
    toolsWith(),
  );
  const fields = { receipt: expect.any(Number) };
  expect(blueprint.tests?.[0]?.stubs).toEqual([
    { match: "review", status: 200, body: { decision: "approved", fields } },
  ]);
});

test("the summary and the diagram tell who decides and for how long", async () => {
  const { answer } = await planned("ask maria for approval within 4 hours before it is paid");
  expect(answer.summary).toContain("at most 4 hours for a decision by maria");
  expect(answer.diagram).toMatch(/"approved".*\n.*"rejected"|"rejected"/);
});

test.each([
  "ask Claude to review each pull request and post the result to Slack",
  "everybody gets a confirmation email when an order comes in over the webhook",
  "post to Slack if the model cannot decide",
])("nobody decides where nobody is asked to: %s", async (intent) => {
  expect((await planned(intent)).types).not.toContain("human_review");
});

test("without a step for reviews, a message asks and a second workflow acts", async () => {
  const { human_review: _, ...others } = nodes;
  const intent = "draft a reply to each support e-mail and send it only after my approval";
  const { answer } = await planned(intent, others);
  const decision = answer.blueprint?.workflows?.find((one) =>
    JSON.stringify(one.nodes).includes("input.approved"),
  );
  expect(answer.blueprint?.endpoints?.map(({ workflow }) => workflow)).toContain(decision?.name);
  expect(
    checkBlueprint(answer.blueprint, others).issues.filter(({ severity }) => severity === "error"),
  ).toEqual([]);
});
