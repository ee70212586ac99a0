import { post } from "../harness/http.ts";
import { exampleInput, withNumber } from "../harness/inputs.ts";
import { defineTask } from "../harness/task.ts";
import { startSlack } from "../worlds/slack.ts";

/** A threshold named in the intent decides, and a later refinement moves it. */
export const orderAlert = defineTask({
  name: "order-alert",
  title: "Orders above a threshold alert Slack; smaller ones do not",
  mutants: ["drop-messages", "swap-branches"],
  async run(lab) {
    const slack = lab.keep(await startSlack());
    const agent = await lab.agent("order-agent", "1.x");
    const built = await agent.build({
      intent:
        "when an order comes in over a webhook or API with an amount over 1000, post a message to our Slack channel",
      workspace: "orders",
      secrets: [{ match: /SLACK/, value: slack.webhook }],
    });
    lab.check("deploy", "is live", built.deployment.state === "live", built.deployment.state);
    const workflow = built.resources.find((one) => one.kind === "workflow");
    const order = exampleInput(built.blueprint);
    const run = (amount: number) =>
      agent.session.must("invoke", { resource: workflow?.id, input: withNumber(order, amount) });
    await run(5000);
    lab.check(
      "behave",
      "a large order alerts once",
      slack.messages().length === 1,
      slack.messages(),
    );
    await run(20);
    lab.check("behave", "a small order does not", slack.messages().length === 1, slack.messages());
    lab.check("behave", "no message was malformed", slack.refused().length === 0, slack.refused());
    const open = await post(new URL("/e/orders/nothing-here", lab.url).href, agent.key, {});
    lab.check(
      "secure",
      "an endpoint that does not exist answers 404",
      open.status === 404,
      open.text,
    );
  },
});
