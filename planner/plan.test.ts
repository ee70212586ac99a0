import { array, assert, asyncProperty, constantFrom, oneof, string } from "fast-check";
import { expect, test } from "vitest";
import { checkBlueprint } from "#blueprints/check";
import { nodes } from "#edge/nodes/index";
import { plan } from "./plan.ts";
import type { PlannerTools, RegistryHit } from "./request.ts";
import { scaffold } from "./scaffold.ts";

const scorer: RegistryHit = {
  slug: "@first/lead-scorer",
  version: "1.0.0",
  kind: "function",
  name: "lead-scorer",
  description: "Scores a lead from 0 to 100.",
  input: { type: "object", properties: { email: { type: "string" } }, required: ["email"] },
  output: {
    type: "object",
    properties: { score: { type: "number", maximum: 100 }, tier: { type: "string" } },
    required: ["score"],
  },
  installs: 3,
};

function toolsWith(hits: readonly RegistryHit[] = []): PlannerTools {
  return { catalogue: nodes, searchRegistry: () => Promise.resolve(hits), now: () => 0 };
}

const errorsOf = (blueprint: unknown) =>
  checkBlueprint(blueprint, nodes).issues.filter(({ severity }) => severity === "error");

test("lead scoring with a Slack alert becomes a complete, deployable blueprint", async () => {
  const intent = "score inbound leads and notify sales in Slack";
  const answer = await plan({ intent }, toolsWith());
  const { blueprint } = answer;
  expect(errorsOf(blueprint)).toEqual([]);
  expect(blueprint?.endpoints).toHaveLength(1);
  expect(blueprint?.functions?.[0]).toMatchObject({ name: "score_lead" });
  expect(blueprint?.workflows?.[0]?.nodes.map(({ type }) => type)).toEqual(
    expect.arrayContaining(["trigger", "call_function", "logic", "send_message"]),
  );
  expect(blueprint?.workflows?.[0]?.output).toHaveProperty("score");
  expect(answer.requires.secrets).toContainEqual(
    expect.objectContaining({ name: "SLACK_WEBHOOK_URL", kind: "url" }),
  );
  expect(blueprint?.tests?.length).toBeGreaterThanOrEqual(3);
  expect(answer.planner).toBe("embedded");
  expect(answer.diagram).toContain("Score inbound leads");
});

test("a marketplace entry that does the job is used instead of new code", async () => {
  const answer = await plan(
    { intent: "score inbound leads and send the hot ones by e-mail" },
    toolsWith([scorer]),
  );
  expect(answer.blueprint?.functions).toEqual([
    expect.objectContaining({ use: "@first/lead-scorer@1.0.0", output: scorer.output }),
  ]);
  expect(answer.blueprint?.workflows?.[0]?.output).toMatchObject({ score: expect.anything() });
  expect(answer.matches).toContainEqual(
    expect.objectContaining({ slug: "@first/lead-scorer", used: true }),
  );
  expect(errorsOf(answer.blueprint)).toEqual([]);
});

test("an entry about something else is considered and left out, with the reason", async () => {
  const answer = await plan({ intent: "slugify a text over HTTP" }, toolsWith([scorer]));
  expect(answer.matches).toContainEqual(
    expect.objectContaining({
      slug: "@first/lead-scorer",
      used: false,
      reason: expect.any(String),
    }),
  );
  expect(JSON.stringify(answer.blueprint)).not.toContain("@first/");
});

test("a named entry is wrapped in a workflow with a condition and an alert", async () => {
  const answer = await plan(
    {
      intent:
        "wrap @first/lead-scorer in a workflow with a condition and an alert to Slack when the score is above 80",
    },
    toolsWith([scorer]),
  );
  const [workflow] = answer.blueprint?.workflows ?? [];
  expect(workflow?.nodes.map(({ type }) => type)).toEqual([
    "trigger",
    "call_function",
    "logic",
    "send_message",
  ]);
  expect(JSON.stringify(workflow)).toContain("output.score >= 80");
  expect(errorsOf(answer.blueprint)).toEqual([]);
});

test("what the catalogue lacks is never emitted", async () => {
  const { trigger, action, code_block: codeBlock } = nodes;
  const few = Object.fromEntries(
    Object.entries({ trigger, action, code_block: codeBlock }).flatMap(([name, node]) =>
      node ? [[name, node]] : [],
    ),
  );
  for (const intent of [
    "score inbound leads and notify sales in Slack",
    "every day summarise new Gmail messages with Claude",
    "agent that books meetings after my approval",
  ]) {
    const { blueprint } = await plan({ intent }, { ...toolsWith(), catalogue: few });
    const types = new Set(
      blueprint?.workflows?.flatMap((one) => one.nodes.map(({ type }) => type)),
    );
    expect([...types].filter((type) => !(type in few))).toEqual([]);
  }
});

test("a person's approval stands between the draft and its effect", async () => {
  const intent = "draft a reply to each support e-mail and send it only after my approval";
  const { blueprint } = await plan({ intent }, toolsWith());
  const [workflow] = blueprint?.workflows ?? [];
  expect(workflow?.edges).toContainEqual({ from: "ask_model", to: "approval" });
  expect(workflow?.edges).toContainEqual({ from: "approval", port: "approved", to: "write_email" });
  expect(workflow?.edges?.filter(({ to }) => to === "write_email")).toHaveLength(1);
});

test.each(["hello", "what is a webhook?", "asdf qwer", "🎉🎉", "", "automate my business"])(
  "nothing is invented for %j",
  async (intent) => {
    const answer = await plan({ intent }, toolsWith());
    expect(answer.blueprint).toBeUndefined();
    expect(answer.questions.length).toBeGreaterThan(0);
    expect(answer.confidence).toBeLessThan(0.2);
  },
);

test("a service that must not be used is not", async () => {
  const { blueprint } = await plan(
    { intent: "do NOT use Slack; when a form is submitted notify us in Discord" },
    toolsWith(),
  );
  expect(JSON.stringify(blueprint?.workflows)).toContain("DISCORD_WEBHOOK_URL");
  expect(JSON.stringify(blueprint?.workflows)).not.toContain("SLACK");
});

test("only a kind of service is named: the plan asks which", async () => {
  const { questions } = await plan(
    { intent: "when an order comes in, save it to the CRM and notify the team" },
    toolsWith(),
  );
  expect(questions.map(({ id }) => id)).toEqual(expect.arrayContaining(["crm", "chat"]));
  expect(questions.length).toBeLessThanOrEqual(3);
});

test("the same intent gives the same plan", async () => {
  const intent =
    "every weekday at 9:30 fetch open invoices from Xero and remind customers who are overdue by email";
  expect(await plan({ intent }, toolsWith())).toEqual(await plan({ intent }, toolsWith()));
});

test("no text makes it throw, and what comes out passes the checks", async () => {
  const word = constantFrom(
    "when",
    "every day at 25:99",
    "Slack",
    "{{ secrets.X }}",
    "`${process.exit()}`",
    "</script>",
    "score",
    "webhook",
    "MCP",
    "\u202e",
    "@a/b",
    "approve",
    "*/",
    "$1",
    "\\",
    '"',
    "ask me first",
    "POST /x",
    "GPT-4",
    "-> ",
    "not",
  );
  await assert(
    asyncProperty(
      oneof(
        string({ unit: "binary" }),
        array(word, { maxLength: 12 }).map((words) => words.join(" ")),
      ),
      async (intent) => {
        const { blueprint } = await plan({ intent }, toolsWith());
        if (blueprint) expect(errorsOf(blueprint)).toEqual([]);
      },
    ),
    { numRuns: 150 },
  );
}, 60_000);

test("100 kB of text is read as far as it goes", async () => {
  const answer = await plan(
    { intent: "notify Slack when a lead arrives ".repeat(3200) },
    toolsWith(),
  );
  expect(answer.warnings.join(" ")).toContain("characters");
  expect((await plan({ intent: "a".repeat(100_000) }, toolsWith())).confidence).toBeLessThan(1);
});

test("a marketplace that is down costs a match, not the plan", async () => {
  const tools = { ...toolsWith(), searchRegistry: () => Promise.reject(new Error("down")) };
  expect((await plan({ intent: "score leads and notify Slack" }, tools)).blueprint).toBeDefined();
});

test("feedback changes the plan", async () => {
  const first = await plan(
    { intent: "score inbound leads and notify sales in Slack" },
    toolsWith(),
  );
  const second = await plan(
    {
      intent: "score inbound leads and notify sales in Slack",
      refine: { plan: first, feedback: "Also add each lead to HubSpot" },
    },
    toolsWith(),
  );
  expect(second.requires.connections.map(({ integration }) => integration)).toEqual(
    expect.arrayContaining(["slack", "hubspot"]),
  );
});

test("scaffold completes a plan: code, tests, answers applied, stand-ins named", async () => {
  const planned = await plan(
    { intent: "every day at 8 send the Hacker News top stories by e-mail" },
    toolsWith(),
  );
  const before = await scaffold({ plan: planned }, toolsWith());
  expect(before.checks.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(before.checks.map(({ code }) => code)).toContain("scaffold.stand-in");
  const after = await scaffold(
    {
      plan: planned,
      answers: { email_to: "ada@acme.dev", timezone: "Europe/Berlin" },
      name: "News Digest",
    },
    toolsWith(),
  );
  expect(JSON.stringify(after.blueprint.workflows)).toContain("ada@acme.dev");
  expect(after.blueprint.schedules?.[0]?.timezone).toBe("Europe/Berlin");
  expect(after.blueprint.name).toBe("news_digest");
  expect(after.tests.length).toBeGreaterThan(0);
});

test("scaffold writes the code of each function as a file", async () => {
  const planned = await plan(
    { intent: "score inbound leads and notify sales in Slack" },
    toolsWith(),
  );
  const { files } = await scaffold({ plan: planned }, toolsWith());
  expect(files.map(({ path }) => path)).toContain("functions/score_lead.ts");
});

test("scaffold of a plan without a blueprint says what to answer", async () => {
  const planned = await plan({ intent: "hello" }, toolsWith());
  await expect(scaffold({ plan: planned }, toolsWith())).rejects.toMatchObject({
    code: "scaffold.nothing",
  });
});
