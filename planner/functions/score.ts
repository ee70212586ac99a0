import { defineTemplate, objectSchema } from "./template.ts";

const output = objectSchema(
  {
    score: { type: "number", minimum: 0, maximum: 100, description: "0 to 100." },
    tier: { type: "string", enum: ["hot", "warm", "cold"] },
    factors: {
      type: "array",
      description: "What counted, and how much.",
      items: objectSchema({ name: { type: "string" }, points: { type: "number" } }, [
        "name",
        "points",
      ]),
    },
  },
  ["score", "tier", "factors"],
);

const tail = `
  const score = Math.max(0, Math.min(100, factors.reduce((sum, factor) => sum + factor.points, 0)));
  const tier = score >= 70 ? "hot" : score >= 40 ? "warm" : "cold";
  return { score, tier, factors };
}
`;

const leadCode = `interface Lead {
  email?: string;
  name?: string;
  company?: string;
  title?: string;
  employees?: number;
  budget?: number;
  message?: string;
  source?: string;
}

const freeMail = /@(gmail|googlemail|yahoo|hotmail|outlook|live|icloud|aol|gmx|web|proton|protonmail)\\./i;
const decides = /\\b(ceo|cto|cfo|coo|cmo|chief|founder|owner|president|vp|vice president|director|head)\\b/i;
const leads = /\\b(manager|lead|principal|senior)\\b/i;
const wants = /\\b(buy|pricing|price|quote|demo|trial|contract|purchase|budget|urgent|asap|this (week|month|quarter))\\b/i;

/** Adds up weighted signals and says which of them counted. */
export default function scoreLead(lead: Lead) {
  const factors: { name: string; points: number }[] = [];
  const add = (name: string, points: number) => void factors.push({ name, points });

  const email = lead.email ?? "";
  if (/^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$/.test(email)) add(freeMail.test(email) ? "personal e-mail" : "business e-mail", freeMail.test(email) ? 5 : 20);
  if (lead.company) add("company given", 15);
  const employees = Number(lead.employees ?? 0);
  if (employees >= 200) add("200 employees or more", 20);
  else if (employees >= 20) add("20 employees or more", 10);
  const budget = Number(lead.budget ?? 0);
  if (budget >= 10000) add("budget of 10,000 or more", 20);
  else if (budget > 0) add("budget given", 10);
  if (decides.test(lead.title ?? "")) add("decides", 15);
  else if (leads.test(lead.title ?? "")) add("influences", 8);
  if (wants.test(lead.message ?? "")) add("intends to buy", 15);
  if (/referral|partner|demo/i.test(lead.source ?? "")) add("strong source", 10);
${tail}`;

const leadInput = objectSchema(
  {
    email: { type: "string" },
    name: { type: "string" },
    company: { type: "string" },
    title: { type: "string", description: "Job title." },
    employees: { type: "number" },
    budget: { type: "number" },
    message: { type: "string" },
    source: { type: "string" },
  },
  ["email"],
);

const anyCode = (
  subject: string,
) => `/** Adds up weighted signals of a ${subject} and says which of them counted. */
export default function score(item: Record<string, unknown>) {
  const factors: { name: string; points: number }[] = [];
  const add = (name: string, points: number) => void factors.push({ name, points });
  const text = Object.values(item).filter((value) => typeof value === "string").join(" ");

  const filled = Object.values(item).filter((value) => value !== null && value !== "" && value !== undefined).length;
  add(\`\${filled} fields given\`, Math.min(30, filled * 6));
  const amount = Number(item.amount ?? item.value ?? item.total ?? item.price ?? 0);
  if (amount >= 1000) add("amount of 1,000 or more", 30);
  else if (amount > 0) add("amount given", 15);
  if (/\\b(urgent|asap|critical|immediately|blocked|down|outage|fraud)\\b/i.test(text)) add("urgent words", 30);
  if (/\\b(thanks|whenever|no rush|just curious)\\b/i.test(text)) add("no hurry", -10);
  const rating = Number(item.rating ?? item.priority ?? 0);
  if (rating > 0) add("rating", Math.min(20, rating * 4));
${tail}`;

/** Weighted signals with explained factors; leads have signals of their own. */
export const score = defineTemplate({
  id: "score",
  says: /\b(?:scor(?:e|es|ed|ing)|rate[sd]? (?:the |each |every )?(?:lead|applicant|candidate|customer|risk)|rank(?:s|ed)?|qualif(?:y|ies|ied) (?:\w+ )*(?:leads?|prospects?|applicants?)|priorit(?:ise|ize)s?)\b/i,
  verb: "score",
  build: ({ subject }) => {
    const isLead = /^(?:lead|prospect|contact|signup)$/.test(subject);
    const strong = isLead
      ? {
          email: "ada@acme.example",
          company: "Acme",
          employees: 500,
          budget: 20000,
          title: "CTO",
          message: "We want a demo",
        }
      : { title: "Checkout is down, urgent", amount: 5000, rating: 5, status: "new", owner: "ada" };
    const weak = isLead ? { email: "someone@gmail.com" } : { title: "just curious" };
    return {
      description: `Scores a ${subject} from 0 to 100 by weighted signals and explains each factor.`,
      code: isLead ? leadCode : anyCode(subject),
      input: isLead
        ? leadInput
        : { type: "object", properties: { title: { type: "string" }, amount: { type: "number" } } },
      output,
      examples: [
        { name: `a strong ${subject} is hot`, input: strong, output: { tier: "hot" } },
        { name: `a weak ${subject} is cold`, input: weak, output: { tier: "cold" } },
      ],
      split: { field: "score", threshold: 70, name: "hot" },
    };
  },
});
