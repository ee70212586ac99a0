import { defineTemplate, objectSchema } from "./template.ts";

const string = { type: "string" };
const number = { type: "number" };
const items = { type: "array", items: { type: "object" } };

/** Fields that the intent says must be there. */
function requiredFields(text: string): string[] {
  const known = [
    "email",
    "name",
    "company",
    "phone",
    "amount",
    "date",
    "title",
    "id",
    "address",
    "price",
    "quantity",
    "sku",
    "url",
    "country",
  ];
  const said = known.filter((field) =>
    new RegExp(`\\b${field === "email" ? "e-?mail" : field}s?\\b`, "i").test(text),
  );
  return said.length > 0 ? said : ["id"];
}

export const validate = defineTemplate({
  id: "validate",
  says: /\b(?:validat(?:e|es|ed|or|ion|ing)|check(?:s|ed)? (?:that|whether|if|the data|for missing)|must check|reject(?:s|ed)? (?:incomplete|invalid)|incomplete|is present|are given|well[- ]formed|sanit(?:y|i[sz]e))\b/i,
  verb: "validate",
  build: ({ subject, text }) => {
    const required = requiredFields(text);
    const good = Object.fromEntries(required.map((field) => [field, examples[field] ?? "x1"]));
    return {
      description: `Checks that a ${subject} has ${required.join(", ")}, each well formed, and lists what is wrong.`,
      code: `const required = ${JSON.stringify(required)};
const shapes: Record<string, RegExp> = {
  email: /^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$/,
  phone: /^\\+?[\\d ()-]{7,20}$/,
  date: /^\\d{4}-\\d{2}-\\d{2}/,
  url: /^https?:\\/\\/\\S+$/,
};
const numeric = new Set(["amount", "price", "quantity"]);

/** \`valid\` and one sentence for each problem; texts come back trimmed. */
export default function validate(item: Record<string, unknown>) {
  const record = Object.fromEntries(
    Object.entries(item).map(([key, value]) => [key, typeof value === "string" ? value.trim() : value]),
  );
  const errors: string[] = [];
  for (const field of required) {
    const value = record[field];
    if (value === undefined || value === null || value === "") errors.push(\`\${field} is missing\`);
    else if (shapes[field] && !shapes[field].test(String(value))) errors.push(\`\${field} is not well formed\`);
    else if (numeric.has(field) && !(Number(value) >= 0)) errors.push(\`\${field} is not a number\`);
  }
  return { valid: errors.length === 0, errors, record };
}
`,
      input: {
        type: "object",
        properties: Object.fromEntries(required.map((field) => [field, {}])),
      },
      output: objectSchema(
        {
          valid: { type: "boolean" },
          errors: { type: "array", items: string },
          record: { type: "object" },
        },
        ["valid", "errors", "record"],
      ),
      examples: [
        {
          name: `a complete ${subject} is valid`,
          input: good,
          output: { valid: true, errors: [] },
        },
        { name: `an empty ${subject} is not`, input: {}, output: { valid: false } },
      ],
    };
  },
});

const examples: Readonly<Record<string, unknown>> = {
  email: "ada@example.com",
  name: "Ada",
  company: "Acme",
  phone: "+49 30 1234567",
  amount: 10,
  date: "2026-01-31",
  title: "Title",
  id: "a1",
  address: "Street 1",
  price: 10,
  quantity: 1,
  sku: "A-1",
  url: "https://example.com",
  country: "DE",
};

export const dedupe = defineTemplate({
  id: "dedupe",
  says: /\b(?:dedup\w*|duplicates?|unique|never twice|only once|not twice)\b/i,
  verb: "dedupe",
  build: ({ subject }) => ({
    description: `Drops every ${subject} that was there before, by id, e-mail, link or the whole content.`,
    code: `type Item = Record<string, unknown>;

function keyOf(item: Item): string {
  const key = item.id ?? item.email ?? item.url ?? item.link ?? item.guid;
  return key === undefined ? JSON.stringify(item) : String(key).trim().toLowerCase();
}

/** The first of each; \`seen\` holds keys of earlier runs. */
export default function dedupe(input: { items: Item[]; seen?: string[] }) {
  const seen = new Set(input.seen ?? []);
  const unique: Item[] = [];
  for (const item of input.items) {
    const key = keyOf(item);
    if (seen.has(key)) continue;
    seen.add(key);
    unique.push(item);
  }
  return { items: unique, dropped: input.items.length - unique.length, seen: [...seen] };
}
`,
    input: objectSchema({ items, seen: { type: "array", items: string } }, ["items"]),
    output: objectSchema({ items, dropped: number, seen: { type: "array", items: string } }, [
      "items",
      "dropped",
      "seen",
    ]),
    examples: [
      {
        name: "the second of a pair is dropped",
        input: { items: [{ id: 1 }, { id: 1 }, { id: 2 }] },
        output: { dropped: 1 },
      },
      {
        name: "different ones stay",
        input: { items: [{ id: 1 }, { id: 2 }] },
        output: { dropped: 0 },
      },
    ],
  }),
});

export const aggregate = defineTemplate({
  id: "aggregate",
  says: /\b(?:aggregat\w*|sum(?:s|med)?|totals?|averages?|mean|count(?:s|ed|ing)?|how many|statistics|stats|metrics|group(?:s|ed)? by|report)\b/i,
  verb: "summarise",
  build: ({ subject }) => ({
    description: `Counts ${subject} items; sum, average, smallest and largest of every number; counts by status or type.`,
    code: `type Item = Record<string, unknown>;

/** Figures over a list. */
export default function aggregate(input: { items: Item[] }) {
  const numbers: Record<string, { sum: number; average: number; min: number; max: number }> = {};
  const groups: Record<string, number> = {};
  const values: Record<string, number[]> = {};
  for (const item of input.items) {
    for (const [key, value] of Object.entries(item)) {
      if (typeof value === "number") (values[key] ??= []).push(value);
    }
    const group = item.status ?? item.type ?? item.category ?? item.priority;
    if (group !== undefined) groups[String(group)] = (groups[String(group)] ?? 0) + 1;
  }
  for (const [key, list] of Object.entries(values)) {
    const sum = list.reduce((total, value) => total + value, 0);
    numbers[key] = { sum, average: sum / list.length, min: Math.min(...list), max: Math.max(...list) };
  }
  return { count: input.items.length, numbers, groups };
}
`,
    input: objectSchema({ items }, ["items"]),
    output: objectSchema(
      { count: number, numbers: { type: "object" }, groups: { type: "object" } },
      ["count", "numbers", "groups"],
    ),
    examples: [
      {
        name: "items are counted and summed",
        input: {
          items: [
            { amount: 1, status: "paid" },
            { amount: 3, status: "paid" },
          ],
        },
        output: { count: 2, groups: { paid: 2 } },
      },
      { name: "an empty list counts nothing", input: { items: [] }, output: { count: 0 } },
    ],
  }),
});

/** When nothing more particular is asked for: clean fields, flat names, no empties. */
export const transform = defineTemplate({
  id: "transform",
  says: /\b(?:transform(?:s|ed)?|format(?:s|ted)?|map(?:s|ped)?|normali[sz](?:e|es|ed)|clean(?:s|ed)?|convert(?:s|ed)?|reshape|rename|enrich(?:ed)?|split(?:s)?|merge[sd]?|parse[sd]?|render(?:s|ed)?)\b/i,
  verb: "format",
  build: ({ subject }) => ({
    description: `Cleans a ${subject}: flat snake_case names, trimmed texts, empty fields dropped, and a readable text.`,
    code: `/** Nested fields become \`parent_child\`; lists stay lists. */
function flatten(value: Record<string, unknown>, prefix = ""): [string, unknown][] {
  return Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
    const name = prefix + key.trim().replace(/([a-z])([A-Z])/g, "$1_$2").replace(/[^A-Za-z0-9]+/g, "_").toLowerCase();
    if (typeof item === "object" && item !== null && !Array.isArray(item)) return flatten(item as Record<string, unknown>, name + "_");
    return [[name, typeof item === "string" ? item.trim() : item]];
  });
}

export default function format(item: Record<string, unknown>) {
  const fields = flatten(item).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return {
    record: Object.fromEntries(fields),
    text: fields.map(([name, value]) => \`\${name}: \${typeof value === "string" ? value : JSON.stringify(value)}\`).join("\\n"),
  };
}
`,
    input: { type: "object" },
    output: objectSchema({ record: { type: "object" }, text: string }, ["record", "text"]),
    examples: [
      {
        name: "names and texts are cleaned",
        input: { "First Name": " Ada ", empty: "" },
        output: { record: { first_name: "Ada" } },
      },
      { name: "nothing in, nothing out", input: {}, output: { record: {}, text: "" } },
    ],
  }),
});
