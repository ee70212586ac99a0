import type { BlueprintInput } from "../blueprint.ts";

/** Inbound leads get a score; sales hears of the good ones. */
export const leadScoring: BlueprintInput = {
  name: "lead-scoring",
  description: "Scores inbound leads and notifies sales in Slack about the hot ones.",
  functions: [
    {
      name: "score_lead",
      description:
        "Scores a lead from 0 to 100 by company size, budget, role, address and message.",
      input: {
        type: "object",
        properties: {
          email: { type: "string", description: "Business addresses score higher." },
          company: { type: "string" },
          employees: { type: "number", minimum: 0 },
          budget: { type: "number", minimum: 0, description: "A year, in any one currency." },
          role: { type: "string" },
          message: { type: "string" },
        },
        required: ["email"],
      },
      output: {
        type: "object",
        properties: {
          score: { type: "integer", minimum: 0, maximum: 100 },
          tier: { enum: ["hot", "warm", "cold"] },
          reasons: { type: "array", items: { type: "string" } },
        },
        required: ["score", "tier", "reasons"],
        additionalProperties: false,
      },
      code: `
interface Lead { email: string; company?: string; employees?: number; budget?: number; role?: string; message?: string }
const freeMail = ["gmail.com", "hotmail.com", "outlook.com", "yahoo.com", "gmx.de", "icloud.com"];

export default async function (lead: Lead) {
  const reasons: string[] = [];
  let score = 10;
  const add = (points: number, reason: string) => { score += points; reasons.push(reason); };
  const domain = lead.email.toLowerCase().split("@")[1] ?? "";
  if (domain && !freeMail.includes(domain)) add(15, "business address");
  if ((lead.employees ?? 0) >= 200) add(25, "large company");
  else if ((lead.employees ?? 0) >= 20) add(15, "mid-size company");
  if ((lead.budget ?? 0) >= 50000) add(30, "large budget");
  else if ((lead.budget ?? 0) >= 10000) add(15, "some budget");
  if (/chief|founder|owner|head|director|vp|c[etof]o/i.test(lead.role ?? "")) add(15, "decides");
  if (/demo|pricing|quote|trial|buy/i.test(lead.message ?? "")) add(15, "wants to buy");
  score = Math.min(100, score);
  return { score, tier: score >= 70 ? "hot" : score >= 40 ? "warm" : "cold", reasons };
}
`,
      examples: [
        {
          input: { email: "joe@gmail.com" },
          output: { score: 10, tier: "cold", reasons: [] },
        },
      ],
    },
  ],
  workflows: [
    {
      name: "score_and_notify",
      description: "Scores one lead and tells sales when it is hot.",
      input: {
        type: "object",
        properties: {
          email: { type: "string" },
          company: { type: "string" },
          employees: { type: "number" },
          budget: { type: "number" },
          role: { type: "string" },
          message: { type: "string" },
        },
        required: ["email"],
      },
      nodes: [
        { id: "start", type: "trigger", config: { source: "endpoint" } },
        {
          id: "score",
          type: "call_function",
          config: { function: "score_lead", input: "{{ input }}" },
        },
        {
          id: "is_hot",
          type: "logic",
          title: "Hot lead?",
          config: { cases: [{ port: "hot", when: "steps.score.output.score >= 70" }] },
        },
        {
          id: "notify",
          type: "send_message",
          title: "Tell sales",
          config: {
            channel: "slack",
            webhook: "SLACK_WEBHOOK_URL",
            text: 'Hot lead ({{ steps.score.output.score }}/100): {{ input.email }}, {{ default(input.company, "no company") }}. {{ join(steps.score.output.reasons, ", ") }}',
          },
        },
      ],
      edges: [
        { from: "start", to: "score" },
        { from: "score", to: "is_hot" },
        { from: "is_hot", port: "hot", to: "notify" },
      ],
      output: {
        score: "{{ steps.score.output.score }}",
        tier: "{{ steps.score.output.tier }}",
        notified: "{{ has(steps.notify) }}",
      },
    },
  ],
  endpoints: [
    {
      name: "leads",
      workflow: "score_and_notify",
      description: "Takes one lead, answers with its score.",
    },
  ],
  secrets: [
    {
      name: "SLACK_WEBHOOK_URL",
      purpose: "Incoming webhook of the sales channel in Slack.",
      kind: "url",
    },
  ],
  tests: [
    {
      name: "a hot lead is announced",
      target: { kind: "workflow", name: "score_and_notify" },
      input: {
        email: "ada@acme.example",
        company: "Acme",
        employees: 500,
        budget: 80000,
        role: "CTO",
      },
      expect: {
        output: { score: 95, tier: "hot", notified: true },
        effects: [{ node: "notify", contains: "ada@acme.example" }],
      },
    },
    {
      name: "a cold lead is answered, not announced",
      target: { kind: "workflow", name: "score_and_notify" },
      input: { email: "joe@gmail.com" },
      expect: {
        output: { score: 10, tier: "cold", notified: false },
        not_visited: ["notify"],
        no_effects: true,
      },
    },
    {
      name: "the scorer explains itself",
      target: { kind: "function", name: "score_lead" },
      input: { email: "ann@firm.example", message: "Can I get a demo?" },
      expect: {
        output: { score: 40, tier: "warm", reasons: ["business address", "wants to buy"] },
      },
    },
  ],
};
