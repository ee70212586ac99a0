import { defineTemplate, objectSchema } from "./template.ts";

const number = { type: "number" };
const string = { type: "string" };

export const vat = defineTemplate({
  id: "vat",
  says: /\b(?:vat|sales tax|gst|mwst|tva|iva|net (?:and|to|or) gross|gross (?:and|to|or) net|tax(?:es)?)\b/i,
  verb: "compute_vat",
  build: ({ text }) => {
    const said = Number(/(\d{1,2}(?:\.\d+)?)\s?%/.exec(text)?.[1] ?? 0);
    const rate = said || 19;
    const gross = Math.round(100 * (100 + rate)) / 100;
    return {
      description: `Net, tax and gross of an amount, in cents-exact figures; ${rate} % unless given or known by country.`,
      code: `const byCountry: Record<string, number> = { DE: 19, AT: 20, CH: 8.1, FR: 20, IT: 22, ES: 21, NL: 21, BE: 21, PL: 23, GB: 20, IE: 23, SE: 25 };
const cents = (value: number) => Math.round((value + Number.EPSILON) * 100) / 100;

/** Give \`net\` or \`gross\`; the other and the tax come out. */
export default function vat(input: { net?: number; gross?: number; rate?: number; country?: string }) {
  const rate = input.rate ?? byCountry[(input.country ?? "").toUpperCase()] ?? ${rate};
  if (input.net === undefined && input.gross === undefined) throw new Error("Give net or gross.");
  const net = input.net === undefined ? cents(Number(input.gross) / (1 + rate / 100)) : cents(input.net);
  const gross = input.gross === undefined ? cents(net * (1 + rate / 100)) : cents(input.gross);
  return { net, tax: cents(gross - net), gross, rate };
}
`,
      input: objectSchema({
        net: number,
        gross: number,
        rate: { ...number, description: "Per cent." },
        country: { ...string, description: "ISO 3166 code." },
      }),
      output: objectSchema({ net: number, tax: number, gross: number, rate: number }, [
        "net",
        "tax",
        "gross",
        "rate",
      ]),
      examples: [
        {
          name: "tax is added to a net amount",
          input: { net: 100, rate },
          output: { gross, rate },
        },
        {
          name: "nothing is added at zero",
          input: { net: 100, rate: 0 },
          output: { gross: 100, tax: 0 },
        },
      ],
    };
  },
});

export const currency = defineTemplate({
  id: "currency",
  says: /\b(?:currenc(?:y|ies)|exchange rates?|convert(?:s|ed)? (?:the )?(?:prices?|amounts?|money|usd|eur|dollars|euros))\b/i,
  verb: "convert_currency",
  build: () => ({
    description: "Converts an amount between two currencies at the rates that are handed in.",
    code: `/** \`rates\` are units per one of the base currency, e.g. {"EUR": 1, "USD": 1.1}. */
export default function convert(input: { amount: number; from: string; to: string; rates: Record<string, number> }) {
  const from = input.rates[input.from.toUpperCase()];
  const to = input.rates[input.to.toUpperCase()];
  if (!from || !to) throw new Error(\`No rate for \${from ? input.to : input.from}.\`);
  const rate = to / from;
  return { amount: Math.round(input.amount * rate * 100) / 100, currency: input.to.toUpperCase(), rate };
}
`,
    input: objectSchema(
      {
        amount: number,
        from: string,
        to: string,
        rates: { type: "object", additionalProperties: number },
      },
      ["amount", "from", "to", "rates"],
    ),
    output: objectSchema({ amount: number, currency: string, rate: number }, [
      "amount",
      "currency",
      "rate",
    ]),
    examples: [
      {
        name: "an amount is converted",
        input: { amount: 10, from: "EUR", to: "USD", rates: { EUR: 1, USD: 1.5 } },
        output: { amount: 15, currency: "USD" },
      },
      {
        name: "the same currency stays",
        input: { amount: 10, from: "EUR", to: "EUR", rates: { EUR: 1 } },
        output: { amount: 10 },
      },
    ],
  }),
});

export const dates = defineTemplate({
  id: "dates",
  says: /\b(?:days? (?:between|until|since)|working days|business days (?:between|until)|due dates?|age (?:of|in)|week number|date (?:difference|arithmetic)|overdue|deadline)\b/i,
  verb: "compare_dates",
  build: () => ({
    description: "Days and working days between two dates, and whether the second is overdue.",
    code: `const day = 86_400_000;

/** ISO dates; \`to\` is usually a due date. */
export default function compareDates(input: { from: string; to: string }) {
  const from = Date.parse(input.from);
  const to = Date.parse(input.to);
  if (Number.isNaN(from) || Number.isNaN(to)) throw new Error("Give two ISO dates.");
  const days = Math.round((to - from) / day);
  let working = 0;
  for (let at = Math.min(from, to) + day, left = Math.min(Math.abs(days), 36_600); left > 0; at += day, left--) {
    const weekday = new Date(at).getUTCDay();
    if (weekday !== 0 && weekday !== 6) working++;
  }
  return { days, working_days: Math.sign(days) * working, overdue: days < 0 };
}
`,
    input: objectSchema({ from: string, to: string }, ["from", "to"]),
    output: objectSchema({ days: number, working_days: number, overdue: { type: "boolean" } }, [
      "days",
      "working_days",
      "overdue",
    ]),
    examples: [
      {
        name: "a week has five working days",
        input: { from: "2026-01-05", to: "2026-01-12" },
        output: { days: 7, working_days: 5, overdue: false },
      },
      {
        name: "a passed date is overdue",
        input: { from: "2026-01-12", to: "2026-01-05" },
        output: { overdue: true },
      },
    ],
  }),
});
