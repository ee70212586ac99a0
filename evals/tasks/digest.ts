import { defineTask } from "../harness/task.ts";
import { startJsonApi } from "../worlds/json-api.ts";
import { startSlack } from "../worlds/slack.ts";

/** A schedule over an outside API: what it fetched is what people read. */
export const digest = defineTask({
  name: "digest",
  title: "A scheduled digest reads an API and posts a summary to Slack",
  mutants: ["drop-messages"],
  async run(lab) {
    const slack = lab.keep(await startSlack());
    const api = lab.keep(
      await startJsonApi({ "GET /orders": { orders: [{ total: 40 }, { total: 2.5 }] } }),
    );
    const agent = await lab.agent("digest-agent");
    const built = await agent.build({
      workspace: "reports",
      blueprint: dailyDigest(api.host),
      secrets: [{ match: /SLACK/, value: slack.webhook }],
    });
    lab.check(
      "deploy",
      "is live after its test",
      built.deployment.state === "live",
      built.deployment,
    );
    lab.check(
      "deploy",
      "its test called nothing outside",
      api.received.length === 0 && slack.received.length === 0,
    );
    const workflow = built.resources.find((one) => one.kind === "workflow");
    const answer = await agent.session.must("invoke", { resource: workflow?.id, input: {} });
    lab.check("behave", "the API was read once", api.received.length === 1, api.received);
    lab.check(
      "behave",
      "people read the true figures",
      slack.messages()[0]?.includes("2 orders, 42.5") === true,
      slack.messages(),
    );
    const run = JSON.stringify(await agent.session.must("get_run", { run_id: answer["run_id"] }));
    lab.check("operate", "the trace shows the outside call", run.includes("/orders"), run.length);
    lab.check("secure", "the webhook URL is in no trace", !run.includes(slack.webhook), run.length);
    const schedules = await agent.session.must("list", { kind: "schedule", workspace: "reports" });
    lab.check(
      "operate",
      "the schedule is listed",
      JSON.stringify(schedules).includes("every_morning"),
      schedules,
    );
  },
});

const dailyDigest = (host: string) => ({
  name: "daily_digest",
  workflows: [
    {
      name: "daily_digest",
      nodes: [
        { id: "start", type: "trigger", config: { source: "schedule" } },
        { id: "fetch", type: "action", config: { method: "GET", url: `http://${host}/orders` } },
        {
          id: "sum",
          type: "code_block",
          config: {
            code: `export default async function (input: { orders: { total: number }[] }) {
  return { count: input.orders.length, total: input.orders.reduce((sum, one) => sum + one.total, 0) };
}`,
            input: "{{ steps.fetch.output.body }}",
          },
        },
        {
          id: "post",
          type: "send_message",
          config: {
            channel: "slack",
            webhook: "SLACK_WEBHOOK_URL",
            text: "{{ steps.sum.output.count }} orders, {{ steps.sum.output.total }}",
          },
        },
      ],
      edges: [
        { from: "start", to: "fetch" },
        { from: "fetch", to: "sum" },
        { from: "sum", to: "post" },
      ],
    },
  ],
  schedules: [
    {
      name: "every_morning",
      workflow: "daily_digest",
      cron: "0 9 * * *",
      timezone: "Europe/Berlin",
    },
  ],
  secrets: [{ name: "SLACK_WEBHOOK_URL", purpose: "Where the digest goes", kind: "url" }],
  egress: [host],
  tests: [
    {
      name: "adds up",
      target: { kind: "workflow", name: "daily_digest" },
      input: {},
      stubs: [{ match: "fetch", body: { orders: [{ total: 1 }, { total: 2 }] } }],
      expect: {
        visited: ["post"],
        effects: [{ node: "fetch" }, { node: "post", contains: "2 orders, 3" }],
      },
    },
  ],
});
