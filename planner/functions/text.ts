import { defineTemplate, objectSchema } from "./template.ts";

const string = { type: "string" };
const number = { type: "number" };

/** One of the labels that the intent lists, by words that belong to it. */
export const classify = defineTemplate({
  id: "classify",
  says: /\b(?:classif(?:y|ies|ied|ication)|categori[sz](?:e|es|ed)|label(?:s|led)?|tag(?:s|ged)? (?:each|every|new|the)|triag(?:e|es|ing)|sort(?:s|ed)? (?:\w+ ){0,4}into|detects? (?:urgency|urgent|priority))\b/i,
  verb: "classify",
  build: ({ subject, text }) => {
    const labels = readLabels(text);
    const rules = labels.map((label) => [label, words[label] ?? label]);
    return {
      description: `Sorts a ${subject} into ${labels.join(", ")} by the words in it.`,
      code: `// First match wins; the last label is the default.
const rules: readonly (readonly [label: string, says: RegExp])[] = [
${rules.map(([label, pattern]) => `  [${JSON.stringify(label)}, /${pattern}/i],`).join("\n")}
];

/** The label whose words occur, and how sure that is. */
export default function classify(item: Record<string, unknown>) {
  const text = Object.values(item).filter((value) => typeof value === "string").join(" ");
  const found = rules.filter(([, says]) => says.test(text)).map(([label]) => label);
  const label = found[0] ?? ${JSON.stringify(labels.at(-1))};
  return { label, confidence: found.length === 1 ? 0.9 : found.length > 1 ? 0.6 : 0.3, also: found.slice(1) };
}
`,
      input: objectSchema({ text: string, subject: string }, []),
      output: objectSchema(
        {
          label: { type: "string", enum: labels },
          confidence: number,
          also: { type: "array", items: string },
        },
        ["label", "confidence"],
      ),
      examples: [
        {
          name: `a clear ${subject} gets its label`,
          input: { text: sample(labels[0] ?? "other") },
          output: { label: labels[0] },
        },
        {
          name: "nothing known gets the default",
          input: { text: "zzz" },
          output: { label: labels.at(-1) },
        },
      ],
    };
  },
});

const words: Readonly<Record<string, string>> = {
  urgent: "urgent|asap|immediately|emergency|critical|outage|down",
  critical: "critical|outage|down|emergency|data loss|breach",
  high: "high|important|blocked|cannot|broken|error",
  medium: "medium|slow|sometimes|question",
  low: "low|minor|typo|whenever|cosmetic",
  billing: "billing|invoice|payment|refund|charge|price",
  bug: "bug|error|crash|broken|exception|fails",
  feature: "feature|would be nice|request|idea|support for",
  sales: "sales|pricing|quote|demo|buy|purchase",
  support: "support|help|how do|cannot|problem",
  technical: "technical|error|crash|api|bug|login",
  complaint: "complain|unhappy|angry|terrible|refund|worst",
  positive: "great|love|thanks|excellent|happy|perfect",
  negative: "bad|terrible|hate|worst|angry|disappoint",
  neutral: "okay|fine|average",
  spam: "lottery|viagra|winner|free money|crypto giveaway|click here",
};
const known = Object.keys(words);

function sample(label: string): string {
  return (words[label] ?? label).split("|")[0] ?? label;
}

/** Labels that are listed after "as", "into", or that are well known; three priorities otherwise. */
export function readLabels(text: string): string[] {
  const list =
    /\b(?:as|into|by|between|either)\s+((?:[\w-]+(?: [\w-]+)?(?:,\s*|\s*\/\s*|,?\s+(?:or|and)\s+)){1,7}[\w-]+)/i.exec(
      text,
    )?.[1];
  const after =
    /(?:type|kind|category|status|priority)s?: ((?:[\w-]+, )+[\w-]+,? (?:and|or) [\w-]+)/i.exec(
      text,
    )?.[1];
  const inBrackets = /\(([a-z][\w -]{2,20}(?:, [a-z][\w -]{2,20}){1,5})\)/i.exec(text)?.[1];
  const listed = (list ?? after ?? inBrackets)
    // "bug, billing or other and log them": the list ends with what follows "or".
    ?.replace(/(\bor [\w -]*?)\s+and .*$/i, "$1")
    ?.split(/,\s*|\s*\/\s*|\s+(?:or|and)\s+/i)
    .map((label) => label.trim().toLowerCase())
    .filter((label) => /^[a-z][a-z -]{1,24}$/.test(label));
  if (listed && listed.length > 1) return [...new Set(listed)];
  const said = known.filter((label) => new RegExp(`\\b${label}\\b`, "i").test(text));
  return said.length > 1 ? said : ["urgent", "normal"];
}

export const slugify = defineTemplate({
  id: "slugify",
  says: /\bslug(?:s|ify|ifies|ified)?\b/i,
  verb: "slugify",
  build: () => ({
    description: "Turns a text into a URL slug.",
    code: `/** "Crème Brûlée!" becomes "creme-brulee". */
export default function slugify(input: { text: string }) {
  const slug = input.text.normalize("NFKD").replace(/\\p{M}/gu, "").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  return { slug };
}
`,
    input: objectSchema({ text: string }, ["text"]),
    output: objectSchema({ slug: string }, ["slug"]),
    examples: [
      {
        name: "accents and signs fall away",
        input: { text: "Crème Brûlée!" },
        output: { slug: "creme-brulee" },
      },
      { name: "nothing stays nothing", input: { text: "!!!" }, output: { slug: "" } },
    ],
  }),
});

export const measureText = defineTemplate({
  id: "measure_text",
  says: /\b(?:upper ?case[sd]?|lower ?case[sd]?|word counts?|counts? (?:the )?(?:words|characters|letters)|reverses? (?:the |a )?(?:text|string)|title ?case|reading time|palindrome)\b/i,
  verb: "measure",
  build: () => ({
    description: "Upper case, lower case, reversed, and counts of words and characters of a text.",
    code: `/** Several views of one text. */
export default function measureText(input: { text: string }) {
  const text = input.text;
  const words = text.trim() === "" ? [] : text.trim().split(/\\s+/);
  const reversed = [...text].reverse().join("");
  return {
    upper: text.toUpperCase(),
    lower: text.toLowerCase(),
    reversed,
    words: words.length,
    characters: [...text].length,
    reading_minutes: Math.ceil(words.length / 220),
    palindrome: text !== "" && text.toLowerCase() === reversed.toLowerCase(),
  };
}
`,
    input: objectSchema({ text: string }, ["text"]),
    output: objectSchema(
      {
        upper: string,
        lower: string,
        reversed: string,
        words: number,
        characters: number,
        reading_minutes: number,
        palindrome: { type: "boolean" },
      },
      ["upper", "words"],
    ),
    examples: [
      {
        name: "a text is measured",
        input: { text: "two words" },
        output: { upper: "TWO WORDS", words: 2 },
      },
      {
        name: "an empty text has no words",
        input: { text: "" },
        output: { words: 0, characters: 0 },
      },
    ],
  }),
});

export const extract = defineTemplate({
  id: "extract",
  says: /\b(?:extract(?:s|ed|ing)? (?:\w+ ){0,3}(?:e-?mails?|phones?|urls?|links?|numbers?|dates?|amounts?|mentions?|hashtags?|ids?)|pull(?:s)? out|find(?:s)? all (?:e-?mails?|links|urls|phone))\b/i,
  verb: "extract",
  build: () => ({
    description:
      "Finds e-mail addresses, links, phone numbers, dates, amounts, hashtags and mentions in a text.",
    code: `const find = (text: string, pattern: RegExp) => [...new Set(text.match(pattern) ?? [])];

/** Everything in the text that looks like one of these, each once, in order. */
export default function extract(input: { text: string }) {
  const text = input.text;
  return {
    emails: find(text, /[\\w.+-]+@[\\w-]+\\.[\\w.-]*\\w/g),
    urls: find(text, /https?:\\/\\/[^\\s<>"')\\]]+/g),
    phones: find(text, /\\+\\d[\\d ()-]{6,}\\d/g),
    dates: find(text, /\\b\\d{4}-\\d{2}-\\d{2}\\b/g),
    amounts: find(text, /(?:[$€£]\\s?\\d[\\d.,]*\\d|\\d[\\d.,]*\\s?(?:EUR|USD|GBP|CHF))/g),
    hashtags: find(text, /#\\w+/g),
    mentions: find(text, /(?<![\\w.])@\\w+/g),
  };
}
`,
    input: objectSchema({ text: string }, ["text"]),
    output: objectSchema(
      { emails: { type: "array", items: string }, urls: { type: "array", items: string } },
      ["emails", "urls"],
    ),
    examples: [
      {
        name: "an address is found",
        input: { text: "Write to ada@example.com" },
        output: { emails: ["ada@example.com"] },
      },
      {
        name: "nothing is invented",
        input: { text: "nothing here" },
        output: { emails: [], urls: [] },
      },
    ],
  }),
});
