import type { BlueprintInput } from "../blueprint.ts";

/** Small invoices pass; large ones wait for a person, who hears of them at once. */
export const invoiceApproval: BlueprintInput = {
  name: "invoice-approval",
  description: "Approves small invoices and asks finance in Slack about those over a threshold.",
  functions: [
    {
      name: "review_invoice",
      description: "Total of an invoice from its lines, and what is wrong with it.",
      input: {
        type: "object",
        properties: {
          lines: {
            type: "array",
            items: {
              type: "object",
              properties: { quantity: { type: "number" }, price: { type: "number" } },
              required: ["quantity", "price"],
            },
          },
          total: { type: "number" },
        },
        required: ["lines", "total"],
      },
      output: {
        type: "object",
        properties: { sum: { type: "number" }, matches: { type: "boolean" } },
        required: ["sum", "matches"],
        additionalProperties: false,
      },
      code: `
interface Invoice { lines: { quantity: number; price: number }[]; total: number }

export default async function ({ lines, total }: Invoice) {
  // In cents: sums of decimal fractions are not exact.
  const cents = lines.reduce((sum, line) => sum + Math.round(line.quantity * line.price * 100), 0);
  return { sum: cents / 100, matches: cents === Math.round(total * 100) };
}
`,
    },
  ],
  workflows: [
    {
      name: "approve_invoice",
      input: {
        type: "object",
        properties: {
          number: { type: "string" },
          supplier: { type: "string" },
          currency: { type: "string" },
          total: { type: "number" },
          lines: { type: "array" },
        },
        required: ["number", "supplier", "currency", "total", "lines"],
      },
      nodes: [
        { id: "start", type: "trigger", config: { source: "endpoint" } },
        {
          id: "review",
          type: "call_function",
          config: {
            function: "review_invoice",
            input: { lines: "{{ input.lines }}", total: "{{ input.total }}" },
          },
        },
        {
          id: "decide",
          type: "logic",
          config: {
            cases: [
              { port: "wrong", when: "not steps.review.output.matches" },
              { port: "large", when: "input.total > 1000" },
            ],
          },
        },
        {
          id: "ask_finance",
          type: "send_message",
          config: {
            channel: "slack",
            webhook: "FINANCE_SLACK_URL",
            text: "Please approve {{ input.number }} of {{ input.supplier }}: {{ input.total }} {{ input.currency }}",
          },
        },
      ],
      edges: [
        { from: "start", to: "review" },
        { from: "review", to: "decide" },
        { from: "decide", port: "wrong", to: "ask_finance" },
        { from: "decide", port: "large", to: "ask_finance" },
      ],
      output: {
        invoice: "{{ input.number }}",
        status: '{{ has(steps.ask_finance) ? "waiting" : "approved" }}',
        reason: "{{ steps.decide.output.matched }}",
      },
    },
  ],
  endpoints: [{ name: "invoices", workflow: "approve_invoice" }],
  secrets: [
    { name: "FINANCE_SLACK_URL", purpose: "Incoming webhook of the finance channel.", kind: "url" },
  ],
  tests: [
    {
      name: "a large invoice asks finance",
      target: { kind: "workflow", name: "approve_invoice" },
      input: {
        number: "R-1",
        supplier: "Acme",
        currency: "EUR",
        total: 2400.5,
        lines: [{ quantity: 1, price: 2400.5 }],
      },
      expect: {
        output: { status: "waiting", reason: "large" },
        effects: [{ node: "ask_finance", contains: "2400.5 EUR" }],
      },
    },
    {
      name: "a small invoice passes",
      target: { kind: "workflow", name: "approve_invoice" },
      input: {
        number: "R-2",
        supplier: "Acme",
        currency: "EUR",
        total: 0.3,
        lines: [{ quantity: 3, price: 0.1 }],
      },
      expect: { output: { status: "approved", reason: "else" }, no_effects: true },
    },
    {
      name: "an invoice that does not add up asks finance",
      target: { kind: "workflow", name: "approve_invoice" },
      input: {
        number: "R-3",
        supplier: "Acme",
        currency: "EUR",
        total: 50,
        lines: [{ quantity: 2, price: 20 }],
      },
      expect: { output: { status: "waiting", reason: "wrong" }, visited: ["ask_finance"] },
    },
  ],
};
