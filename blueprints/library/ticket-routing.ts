import type { BlueprintInput } from "../blueprint.ts";

/** Support tickets find the team that can answer them. */
export const ticketRouting: BlueprintInput = {
  name: "ticket-routing",
  description: "Classifies support tickets and routes urgent and billing ones to their channels.",
  functions: [
    {
      name: "classify_ticket",
      description: "Category and urgency of a support ticket, from its words.",
      input: {
        type: "object",
        properties: { subject: { type: "string" }, body: { type: "string" } },
        required: ["subject"],
      },
      output: {
        type: "object",
        properties: {
          category: { enum: ["outage", "billing", "bug", "question"] },
          urgent: { type: "boolean" },
        },
        required: ["category", "urgent"],
        additionalProperties: false,
      },
      code: `
const rules: [string, RegExp][] = [
  ["outage", /\\b(down|outage|unreachable|data loss|500 error)\\b/i],
  ["billing", /\\b(invoice|refund|charge[ds]?|payment|billing|subscription)\\b/i],
  ["bug", /\\b(bug|error|crash(es|ed)?|broken|does not work|doesn't work)\\b/i],
];

export default async function (ticket: { subject: string; body?: string }) {
  const text = ticket.subject + " " + (ticket.body ?? "");
  const category = rules.find(([, words]) => words.test(text))?.[0] ?? "question";
  return { category, urgent: category === "outage" || /\\b(urgent|asap|immediately)\\b/i.test(text) };
}
`,
    },
  ],
  workflows: [
    {
      name: "route_ticket",
      input: {
        type: "object",
        properties: {
          id: { type: "string" },
          from: { type: "string" },
          subject: { type: "string" },
          body: { type: "string" },
        },
        required: ["id", "from", "subject"],
      },
      nodes: [
        { id: "start", type: "trigger", config: { source: "webhook" } },
        {
          id: "classify",
          type: "call_function",
          config: {
            function: "classify_ticket",
            input: { subject: "{{ input.subject }}", body: '{{ default(input.body, "") }}' },
          },
        },
        {
          id: "route",
          type: "logic",
          config: {
            cases: [
              { port: "urgent", when: "steps.classify.output.urgent" },
              { port: "billing", when: 'steps.classify.output.category == "billing"' },
            ],
          },
        },
        {
          id: "page_support",
          type: "send_message",
          config: {
            channel: "slack",
            webhook: "SUPPORT_SLACK_URL",
            text: "Urgent ({{ steps.classify.output.category }}) {{ input.id }} from {{ input.from }}: {{ input.subject }}",
          },
        },
        {
          id: "tell_billing",
          type: "send_message",
          config: {
            channel: "slack",
            webhook: "BILLING_SLACK_URL",
            text: "{{ input.id }} from {{ input.from }}: {{ input.subject }}",
          },
        },
      ],
      edges: [
        { from: "start", to: "classify" },
        { from: "classify", to: "route" },
        { from: "route", port: "urgent", to: "page_support" },
        { from: "route", port: "billing", to: "tell_billing" },
      ],
      output: {
        ticket: "{{ input.id }}",
        category: "{{ steps.classify.output.category }}",
        route: "{{ steps.route.output.matched }}",
      },
    },
  ],
  webhooks: [{ name: "tickets", workflow: "route_ticket", sender: "token" }],
  secrets: [
    {
      name: "SUPPORT_SLACK_URL",
      purpose: "Incoming webhook of the on-call support channel.",
      kind: "url",
    },
    { name: "BILLING_SLACK_URL", purpose: "Incoming webhook of the billing channel.", kind: "url" },
  ],
  tests: [
    {
      name: "an outage pages support",
      target: { kind: "workflow", name: "route_ticket" },
      input: { id: "T1", from: "ann@example.com", subject: "Everything is down" },
      expect: {
        output: { category: "outage", route: "urgent" },
        effects: [{ node: "page_support", contains: "Everything is down" }],
        not_visited: ["tell_billing"],
      },
    },
    {
      name: "a refund goes to billing",
      target: { kind: "workflow", name: "route_ticket" },
      input: { id: "T2", from: "bob@example.com", subject: "Please refund my last invoice" },
      expect: { output: { category: "billing", route: "billing" }, visited: ["tell_billing"] },
    },
    {
      name: "a question disturbs nobody",
      target: { kind: "workflow", name: "route_ticket" },
      input: { id: "T3", from: "cy@example.com", subject: "How do I export my data?" },
      expect: { output: { category: "question", route: "else" }, no_effects: true },
    },
  ],
};
