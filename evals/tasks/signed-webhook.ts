import { createHmac } from "node:crypto";
import { defineTask } from "../harness/task.ts";
import { startSlack } from "../worlds/slack.ts";
import { waitFor } from "../harness/wait.ts";

const signingSecret = "github-signing-secret-77aa";

/** Events of a sender that signs: verified over the raw body, duplicates dropped, answered at once. */
export const signedWebhook = defineTask({
  name: "signed-webhook",
  title: "GitHub issues that mention a crash alert a Slack channel, once each",
  mutants: ["drop-messages", "swap-branches"],
  async run(lab) {
    const slack = lab.keep(await startSlack());
    const agent = await lab.agent("webhook-agent");
    const built = await agent.build({
      workspace: "repo",
      blueprint: issueAlert,
      secrets: [
        { match: /SLACK/, value: slack.webhook },
        { match: /GITHUB/, value: signingSecret },
      ],
    });
    const url = built.url("webhook");
    const crash = JSON.stringify({
      action: "opened",
      issue: { title: "crash on start", number: 7 },
    });
    const unsigned = await fetch(url, { method: "POST", headers: github("d-0"), body: crash });
    lab.check(
      "secure",
      "an unsigned delivery is refused",
      unsigned.status === 401,
      unsigned.status,
    );
    const forged = await deliver(url, "d-1", crash, "wrong-secret");
    lab.check("secure", "a wrong signature is refused", forged.status === 401, forged.status);
    const accepted = await deliver(url, "d-2", crash, signingSecret);
    lab.check(
      "behave",
      "a signed delivery is accepted at once",
      accepted.status >= 200 && accepted.status < 300,
      accepted.status,
    );
    await waitFor(() => slack.messages().length === 1);
    lab.check(
      "behave",
      "the channel was alerted once",
      slack.messages().length === 1,
      slack.messages(),
    );
    await deliver(url, "d-2", crash, signingSecret);
    const quiet = JSON.stringify({
      action: "opened",
      issue: { title: "typo in the docs", number: 8 },
    });
    await deliver(url, "d-3", quiet, signingSecret);
    const runs = async () =>
      ((await agent.session.must("list", { kind: "run", workspace: "repo" }))["items"] as {
        status: string;
      }[]) ?? [];
    await waitFor(
      async () => (await runs()).filter((one) => one.status === "succeeded").length >= 2,
    );
    lab.check(
      "behave",
      "neither the duplicate nor the harmless issue alerted",
      slack.messages().length === 1,
      slack.messages(),
    );
    lab.check("operate", "the duplicate started no run", (await runs()).length === 2, await runs());
  },
});

const github = (delivery: string) => ({
  "Content-Type": "application/json",
  "X-GitHub-Event": "issues",
  "X-GitHub-Delivery": delivery,
});

function deliver(url: string, delivery: string, body: string, secret: string): Promise<Response> {
  const signature = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
  return fetch(url, {
    method: "POST",
    headers: { ...github(delivery), "X-Hub-Signature-256": signature },
    body,
  });
}

const issueAlert = {
  name: "issue_alert",
  workflows: [
    {
      name: "issue_alert",
      nodes: [
        { id: "start", type: "trigger", config: { source: "webhook" } },
        {
          id: "serious",
          type: "logic",
          config: { cases: [{ port: "yes", when: 'contains(lower(input.issue.title), "crash")' }] },
        },
        {
          id: "alert",
          type: "send_message",
          config: {
            channel: "slack",
            webhook: "SLACK_WEBHOOK_URL",
            text: "Issue {{ input.issue.number }}: {{ input.issue.title }}",
          },
        },
      ],
      edges: [
        { from: "start", to: "serious" },
        { from: "serious", port: "yes", to: "alert" },
      ],
    },
  ],
  webhooks: [
    { name: "issues", workflow: "issue_alert", sender: "github", secret: "GITHUB_WEBHOOK_SECRET" },
  ],
  secrets: [
    { name: "SLACK_WEBHOOK_URL", purpose: "Where alerts go", kind: "url" },
    { name: "GITHUB_WEBHOOK_SECRET", purpose: "Verifies deliveries" },
  ],
  tests: [
    {
      name: "a crash alerts",
      target: { kind: "workflow", name: "issue_alert" },
      input: { action: "opened", issue: { title: "Crash!", number: 1 } },
      expect: { visited: ["alert"], effects: [{ node: "alert", contains: "Crash!" }] },
    },
    {
      name: "a typo does not",
      target: { kind: "workflow", name: "issue_alert" },
      input: { action: "opened", issue: { title: "typo", number: 2 } },
      expect: { not_visited: ["alert"], no_effects: true },
    },
  ],
};
