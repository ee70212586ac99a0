import { expect, it } from "vitest";
import { checkBlueprint } from "#blueprints/check";
import { BugError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import { createResources } from "#edge/deploy/create";
import { testAccount } from "#edge/deploy/deploy.fixture";
import { deployResources } from "#edge/deploy/deploy";
import { workspaceStub } from "#edge/gateway/directory";
import { nodes } from "#edge/nodes/index";
import { plan } from "#planner/plan";
import { platformNeeds } from "#edge/bots/live-bot";
import { scaffold } from "#planner/scaffold";

/** One for each thing that the planner can write: conditions, ways, approvals, models, lists, surfaces. */
const intents = [
  "when an order comes in over a webhook or API with an amount over 1000, post a message to our Slack channel",
  "score inbound leads and notify sales in Slack",
  "Whenever somebody fills in our Typeform with a company size above 200, create a HubSpot deal",
  "Notify the warehouse by e-mail when a customer orders fewer than 20 units of one item",
  'When a ticket mentions "refund" or "chargeback", create a task in Asana',
  'Webhook for issues: only those with severity critical and status "open" go to PagerDuty',
  "Leads that come from example.com should be ignored, all others go to Pipedrive",
  "classify incoming leads as hot, warm or cold; hot goes to Slack, warm to a Mailchimp list, cold is archived in Airtable",
  "Route inbound webhooks by event type: create, update and delete each have their own handler",
  "Refund requests under 20 euros are refunded automatically through Stripe, larger ones need a manager's OK in Slack",
  "When an invoice above 5000 EUR arrives, the head of finance must approve it before it is paid",
  "when a Stripe payment fails, look the customer up in Postgres, draft an email and ask a human before sending it",
  "Close GitHub issues without activity for 60 days with a friendly comment",
  "Run a Postgres query every hour and push rows where the amount is below 0 to a Slack channel",
  "Alert finance when the Stripe balance drops below 1000 dollars",
  "Every day at 9am fetch the users from an API and log how many there are",
  "Import products from a CSV into WooCommerce, 50 at a time",
  "Every Monday morning summarise the new Zendesk tickets with Claude and post them to Notion",
  "Watch our competitor's pricing page every night and mail me what changed",
  "an MCP server that turns markdown into plain text and reads our GitHub issues",
  "Pull from three APIs in parallel, merge and write a final report",
  "function that validates an IBAN",
  "API that calculates VAT for an amount",
  "RAG API over our PDF handbook with citations, only for employees signed in with Google",
  "form for customer feedback, AI sentiment, row in Google Sheets",
  "Send a welcome SMS through Twilio and an e-mail by SendGrid when someone signs up",
  "Create a Linear issue and a Jira ticket from a POST with title and description",
  "Rechnungen über 1000 Euro müssen vom Chef freigegeben werden, bevor sie in Lexoffice gebucht werden",
  "When a quote is sent, remind the customer by e-mail three days later unless they answered",
  "when someone fills the contact form, post to Slack 30 minutes later",
  "when an incident is opened, DM the person on call in Slack",
  "when an order is cancelled, send the account manager a direct message on Discord",
  "ask maria for approval",
  "wait until a manager approves the invoice",
  "When an expense report comes in over the endpoint, ask maria for approval in Slack before it is paid through Stripe",
  "When a refund request arrives, ask @maria for approval by e-mail; if nobody answers within 2 days, escalate to the admins in Slack",
  "Endpoint for discount requests: otto approves in Telegram and enters the discount percentage, remind him every 4 hours, then update the deal in HubSpot",
  "maria approves, then the CFO signs off, then pay the invoice through Wise; if it is rejected, tell the requester by e-mail",
  "When a contract is uploaded ask legal-anna to confirm over WhatsApp, auto-approve after 24 hours, then post it to Discord",
  "score inbound leads, let otto or maria approve the hot ones and notify sales in Slack",
  "When a form with the word refund comes in, ask finance by Twilio SMS for their ok, then create a task in Asana",
  "Every Monday summarise the new Zendesk tickets with Claude, have an admin approve the text and post it to Notion",
  "Escalate to the admins after 6 hours if lena hasn't approved the deploy, then restart it over https://ops.acme.dev/restart",
  "ask maria to approve each contract over 1000 EUR before it goes to DocuSign; remind her daily in Slack; silence means no",
  "a Telegram bot that signs people in with a code by e-mail before it answers",
  "WhatsApp bot that books appointments in Google Calendar after people confirmed an SMS code",
  "an endpoint that signs people in with a code by e-mail and then tells them their order",
  "API that shows customers their invoices after an SMS code",
  "API that calculates VAT for an amount, only for people who confirm a magic link",
  "Endpoint for refunds over 100 euros: whoever asks proves their phone number by a one-time code, then maria approves it and it is paid through Stripe",
  "Cuando llegue un pedido de más de 500 euros, avisa al equipo en Slack",
];

it.each(intents.map((intent, index) => [intent, index] as const))(
  "%s: the plan passes every check, deploys, and its tests hold in the engine",
  async (intent, index) => {
    const tools = { catalogue: nodes, searchRegistry: () => Promise.resolve([]), now: () => 0 };
    const planned = await plan({ intent }, tools);
    expect(planned.blueprint, planned.summary).toBeDefined();
    const { blueprint, checks } = await scaffold({ plan: planned }, tools);
    expect(checks.filter(({ severity }) => severity === "error")).toEqual([]);
    const checked = checkBlueprint(blueprint, nodes).blueprint;
    if (!checked) throw new BugError("planned.unchecked", "The scaffolded blueprint is gone.");

    const { services, actor } = await testAccount(`planned-${index}`);
    const created = await createResources(services, actor, {
      blueprint: checked,
      workspace: `planned-${index}`,
    });
    const stub = workspaceStub(services.env, created.workspace.id);
    for (const { name, kind } of checked.secrets) {
      const value = kind === "url" ? "https://hooks.example.com/x" : "a-secret-value";
      unwrap(await stub.putSecret(name, value));
    }
    const answer = await deployResources(services, actor, { blueprintId: created.blueprintId });
    expect(answer.tests.filter(({ passed }) => !passed)).toEqual([]);
    expect(answer.tests.length).toBe(checked.tests.length);
    expect(answer.state).toBe("live");
  },
  60_000,
);

it.each(Object.entries(platformNeeds()))(
  "a plan of a bot on %s asks for the secrets that deploying it wants",
  async (platform, needs) => {
    const tools = { catalogue: nodes, searchRegistry: () => Promise.resolve([]), now: () => 0 };
    const { blueprint } = await plan({ intent: `a ${platform} bot that answers questions` }, tools);
    for (const { name, hosts = [] } of needs)
      expect(blueprint?.secrets).toContainEqual(
        expect.objectContaining({ name, hosts: [...hosts] }),
      );
  },
);
