import type { BlueprintInput } from "../blueprint.ts";

/** Payments and disputes, from Stripe into Discord. */
export const stripeAlert: BlueprintInput = {
  name: "stripe-alert",
  description: "Announces payments and warns of disputes in Discord when Stripe reports them.",
  workflows: [
    {
      name: "stripe_event",
      input: {
        type: "object",
        properties: {
          id: { type: "string" },
          type: { type: "string" },
          data: {
            type: "object",
            properties: { object: { type: "object" } },
            required: ["object"],
          },
        },
        required: ["id", "type", "data"],
      },
      nodes: [
        { id: "start", type: "trigger", config: { source: "webhook" } },
        {
          id: "kind",
          type: "logic",
          config: {
            cases: [
              { port: "paid", when: 'input.type == "checkout.session.completed"' },
              { port: "disputed", when: 'startsWith(input.type, "charge.dispute.")' },
            ],
          },
        },
        {
          id: "announce",
          type: "send_message",
          config: {
            channel: "discord",
            webhook: "DISCORD_WEBHOOK_URL",
            text: 'Paid: {{ default(input.data.object.amount_total, 0) / 100 }} {{ upper(default(input.data.object.currency, "")) }} by {{ default(input.data.object.customer_details.email, "somebody") }}',
          },
        },
        {
          id: "warn",
          type: "send_message",
          config: {
            channel: "discord",
            webhook: "DISCORD_WEBHOOK_URL",
            text: '**Dispute** ({{ default(input.data.object.reason, "no reason") }}): {{ default(input.data.object.amount, 0) / 100 }} {{ upper(default(input.data.object.currency, "")) }}',
          },
        },
      ],
      edges: [
        { from: "start", to: "kind" },
        { from: "kind", port: "paid", to: "announce" },
        { from: "kind", port: "disputed", to: "warn" },
      ],
      output: { event: "{{ input.id }}", kind: "{{ steps.kind.output.matched }}" },
    },
  ],
  webhooks: [
    { name: "stripe", workflow: "stripe_event", sender: "stripe", secret: "STRIPE_WEBHOOK_SECRET" },
  ],
  secrets: [
    {
      name: "STRIPE_WEBHOOK_SECRET",
      purpose: "Signing secret of the webhook endpoint (whsec_...).",
    },
    {
      name: "DISCORD_WEBHOOK_URL",
      purpose: "Webhook of the Discord channel for payments.",
      kind: "url",
    },
  ],
  tests: [
    {
      name: "a payment is announced",
      target: { kind: "workflow", name: "stripe_event" },
      input: {
        id: "evt_1",
        type: "checkout.session.completed",
        data: {
          object: {
            amount_total: 4999,
            currency: "eur",
            customer_details: { email: "a@example.com" },
          },
        },
      },
      expect: {
        output: { kind: "paid" },
        effects: [{ node: "announce", contains: "49.99 EUR by a@example.com" }],
      },
    },
    {
      name: "a dispute warns",
      target: { kind: "workflow", name: "stripe_event" },
      input: {
        id: "evt_2",
        type: "charge.dispute.created",
        data: { object: { amount: 1000, currency: "usd", reason: "fraudulent" } },
      },
      expect: { visited: ["warn"], effects: [{ node: "warn", contains: "fraudulent" }] },
    },
    {
      name: "any other event is left alone",
      target: { kind: "workflow", name: "stripe_event" },
      input: { id: "evt_3", type: "customer.updated", data: { object: {} } },
      expect: { output: { kind: "else" }, no_effects: true },
    },
  ],
};
