import { find, post, postStream } from "../harness/http.ts";
import { type Lab, defineTask } from "../harness/task.ts";
import { type SlackWorld, startSlack } from "../worlds/slack.ts";
import type { Builder, Built } from "../harness/builder.ts";
import { shareWorkspace } from "../harness/shared-workspace.ts";
import { coldLead, hotLead } from "../worlds/leads.ts";

/** The reason the project exists, from the first sentence to a revoked token. */
export const leadScoring = defineTask({
  name: "lead-scoring",
  title: "Three agents build, publish, reuse and wrap a lead scorer behind one workspace",
  mutants: ["drop-messages", "swap-branches"],
  async run(lab) {
    const slack = lab.keep(await startSlack());
    const first = await lab.agent("first", "2.x");
    const built = await first.build({
      intent: "score inbound leads and notify sales in Slack",
      workspace: "sales",
      secrets: [{ match: /SLACK/, value: slack.webhook }],
    });
    checkPlan(lab, built);
    await checkEndpoint(lab, first, built, slack);
    const scorer = await publish(lab, first, built);
    await reuse(lab, slack);
    await wrap(lab, slack);
    await shareWorkspace(lab, first, scorer);
  },
});

function checkPlan(lab: Lab, built: Built): void {
  const types = (built.blueprint.workflows ?? []).flatMap((one) =>
    one.nodes.map((node) => node.type),
  );
  const wanted = ["trigger", "call_function", "logic", "send_message"];
  lab.check(
    "plan",
    "names function, logic and message",
    wanted.every((type) => types.includes(type)),
    types,
  );
  const secrets = find(built.plan["requires"], "name").map(String);
  lab.check(
    "plan",
    "asks for the Slack secret",
    secrets.some((name) => name.includes("SLACK")),
    secrets,
  );
  const tests = built.deployment.tests;
  lab.check(
    "deploy",
    "runs the blueprint's tests",
    tests.length > 0 && tests.every((one) => one.passed),
    tests,
  );
}

async function checkEndpoint(
  lab: Lab,
  agent: Builder,
  built: Built,
  slack: SlackWorld,
): Promise<void> {
  lab.check(
    "deploy",
    "tests sent nothing to Slack",
    slack.received.length === 0,
    slack.received.length,
  );
  const url = built.url("endpoint");
  const hot = await post(url, agent.key, hotLead);
  const score = find(hot.body, "score")[0];
  lab.check(
    "behave",
    "answers the score as JSON",
    hot.status === 200 && typeof score === "number",
    hot.text,
  );
  lab.check(
    "behave",
    "sales got exactly one message",
    slack.messages().length === 1,
    slack.messages(),
  );
  lab.check("behave", "no message was malformed", slack.refused().length === 0, slack.refused());
  const events = await postStream(url, agent.key, coldLead);
  const names = events.map((one) => one.event);
  lab.check("behave", "streams the steps as they happen", names.length >= 3, names);
  const cold = events
    .flatMap((one) => find(one.data, "score"))
    .find((one) => typeof one === "number");
  lab.check("behave", "a cold lead scores lower", Number(cold) < Number(score), { cold, score });
  const told = slack.messages();
  lab.check("behave", "each lead is told once", told.length === 2, told);
  const stranger = await post(url, undefined, hotLead);
  lab.check(
    "secure",
    "a caller without a token is refused",
    stranger.status === 401,
    stranger.status,
  );
  const trace = JSON.stringify(await agent.session.must("get_run", { run_id: hot.body["run_id"] }));
  lab.check(
    "secure",
    "the webhook URL is in no trace",
    !trace.includes(slack.webhook),
    trace.length,
  );
}

async function publish(lab: Lab, agent: Builder, built: Built): Promise<string> {
  const resource = built.resources.find((one) => one.kind === "function");
  const published = await agent.session.must("publish", {
    resource: resource?.id,
    slug: "@first/lead-scorer",
    version: "1.0.0",
    readme: "Scores an inbound lead from 0 to 100 and says why.",
    visibility: "public",
  });
  lab.check(
    "operate",
    "publishes with a hash",
    String(published["integrity"]).startsWith("sha256-"),
    published["integrity"],
  );
  return String(resource?.name);
}

async function reuse(lab: Lab, slack: SlackWorld): Promise<void> {
  const second = await lab.agent("second", "1.x");
  const built = await second.build({
    intent: "score inbound leads and notify sales in Slack",
    workspace: "growth",
    secrets: [{ match: /SLACK/, value: slack.webhook }],
  });
  const uses = (built.blueprint.functions ?? []).map((one) => one.use);
  lab.check(
    "plan",
    "the second agent reuses the published scorer",
    uses.includes("@first/lead-scorer@1.0.0"),
    uses,
  );
  const installed = await second.session.must("install", {
    entry: "@first/lead-scorer@1.0.0",
    workspace: "growth",
  });
  lab.check(
    "operate",
    "installs the pinned version",
    JSON.stringify(installed).includes("1.0.0"),
    installed,
  );
  const before = slack.messages().length;
  const answer = await post(built.url("endpoint"), second.key, hotLead);
  lab.check(
    "behave",
    "the reused scorer scores",
    typeof find(answer.body, "score")[0] === "number",
    answer.text,
  );
  lab.check(
    "behave",
    "and sales hears of it once",
    slack.messages().length === before + 1,
    slack.messages().length,
  );
}

async function wrap(lab: Lab, slack: SlackWorld): Promise<void> {
  const third = await lab.agent("third", "2.x");
  const built = await third.build({
    intent:
      "use @first/lead-scorer in a workflow: if the score is above 60, alert the sales channel in Slack",
    workspace: "alerts",
    secrets: [{ match: /SLACK/, value: slack.webhook }],
  });
  const workflow = built.resources.find((one) => one.kind === "workflow");
  const before = slack.messages().length;
  await third.session.must("invoke", { resource: workflow?.id, input: coldLead });
  lab.check(
    "behave",
    "a low score alerts nobody",
    slack.messages().length === before,
    slack.messages(),
  );
  const answer = await third.session.must("invoke", { resource: workflow?.id, input: hotLead });
  lab.check(
    "behave",
    "the wrapped workflow alerts",
    slack.messages().length === before + 1,
    answer,
  );
  const run = await third.session.must("get_run", { run_id: answer["run_id"] });
  const steps = (run["steps"] ?? []) as Record<string, unknown>[];
  const complete = steps.every(
    (step) => "input" in step && "output" in step && find(step, "duration_ms").length > 0,
  );
  lab.check(
    "operate",
    "the trace has input, output and timing",
    steps.length >= 3 && complete,
    steps,
  );
}
