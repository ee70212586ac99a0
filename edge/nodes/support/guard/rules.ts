import { Validator } from "@cfworker/json-schema";
import { z } from "zod";
import { detectors, findPersonalData, kindsOfPersonalData } from "./personal-data.ts";
import { Pattern, type Span } from "./pattern.ts";
import { mapTexts, textOf } from "./texts.ts";

/** Characters that can be looked at; more are refused. */
const mostCharacters = 200_000;

function isPattern(source: string): boolean {
  try {
    return Boolean(new Pattern(source));
  } catch {
    return false;
  }
}

export const rulesSchema = z.strictObject({
  max_characters: z.int().min(1).max(mostCharacters).default(100_000),
  min_characters: z.int().min(0).default(0),
  deny: z
    .array(z.string().min(1).max(200))
    .max(500)
    .default([])
    .describe("Words and phrases that must not be there, whatever their case."),
  allow: z
    .array(z.string().min(1).max(2_000))
    .min(1)
    .max(1_000)
    .optional()
    .describe("The whole text must be one of these."),
  patterns: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/),
        pattern: z
          .string()
          .min(1)
          .max(500)
          .refine(isPattern, "no regular expression that runs in linear time"),
        must: z.enum(["not_match", "match"]).default("not_match"),
        ignore_case: z.boolean().default(false),
      }),
    )
    .max(50)
    .default([])
    .describe("Regular expressions, run in linear time: without look-around and back-references."),
  personal_data: z
    .array(z.enum(kindsOfPersonalData))
    .default([])
    .describe("Kinds of personal data, and credentials, that must not be there."),
  secrets: z
    .boolean()
    .default(true)
    .describe("Values of the workspace's secrets must not be there."),
  link_hosts: z
    .array(z.string().min(1).max(253))
    .max(200)
    .optional()
    .describe("Links and images may lead only to these hosts; `*.example.com` for all below one."),
  schema: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("JSON Schema that the value must fit, as written."),
});
export type Rules = z.infer<typeof rulesSchema>;

/** What is wrong; never quotes what was found. */
export interface Violation {
  /** `personal_data.email`, `deny`, `patterns.<name>`, `judge` ... */
  readonly rule: string;
  readonly message: string;
  /** What is to be taken out makes it right. */
  readonly redactable: boolean;
}

interface Finding extends Span {
  readonly rule: string;
  readonly message: string;
  readonly mark: string;
}

/** What the rules find in a value, and the value without it. */
export interface Checked {
  readonly violations: readonly Violation[];
  readonly redacted: unknown;
}

/**
 * Applies all rules; `redactSecrets` takes the workspace's secrets out of a text.
 * @throws InputError `guardrail.pattern`, `guardrail.too-much-work`
 */
export async function applyRules(
  value: unknown,
  rules: Rules,
  redactSecrets: (text: string) => Promise<string>,
): Promise<Checked> {
  const text = textOf(value);
  if (text.length > rules.max_characters) {
    const message = `It has ${text.length} characters; ${rules.max_characters} are allowed.`;
    return { violations: [{ rule: "max_characters", message, redactable: false }], redacted: null };
  }
  const violations = whole(value, text, rules);
  const find = finder(rules);
  let redacted = mapTexts(value, (one) => {
    const findings = find(one);
    for (const { rule, message } of findings) violations.push({ rule, message, redactable: true });
    return without(one, findings);
  });
  if (rules.secrets) {
    const before = JSON.stringify(redacted ?? null);
    const after = await redactSecrets(before);
    if (after !== before) {
      const message = "It has the value of a secret of the workspace.";
      violations.push({ rule: "secrets", message, redactable: true });
      redacted = JSON.parse(after) as unknown;
    }
  }
  return { violations: once(violations), redacted };
}

/** Rules about all of it: nothing can be taken out to fit them. */
function whole(value: unknown, text: string, rules: Rules): Violation[] {
  const found: Violation[] = [];
  const add = (rule: string, message: string): void =>
    void found.push({ rule, message, redactable: false });
  if (text.length < rules.min_characters) {
    add("min_characters", `It has ${text.length} characters; ${rules.min_characters} are needed.`);
  }
  if (rules.allow && !rules.allow.includes(text.trim())) {
    add("allow", "It is none of what is allowed.");
  }
  for (const { name, pattern, must, ignore_case: ignoreCase } of rules.patterns) {
    if (must === "match" && new Pattern(pattern, { ignoreCase }).find(text).length === 0) {
      add(`patterns.${name}`, `It does not fit the pattern "${name}".`);
    }
  }
  if (rules.schema) {
    const { valid, errors } = new Validator(rules.schema, "2020-12", false).validate(value ?? null);
    const last = errors.at(-1);
    if (!valid) add("schema", `It does not fit the schema at ${last?.instanceLocation ?? "#"}.`);
  }
  return found;
}

/** What must not stand in a text. */
function finder(rules: Rules): (text: string) => Finding[] {
  const patterns = rules.patterns
    .filter(({ must }) => must === "not_match")
    .map(({ name, pattern, ignore_case: ignoreCase }) => ({
      name,
      compiled: new Pattern(pattern, { ignoreCase }),
    }));
  const denied = rules.deny.map((word) => word.toLowerCase());
  return (text) => [
    ...rules.personal_data.flatMap((kind) =>
      findPersonalData(kind, text).map((span) => ({
        ...span,
        rule: `personal_data.${kind}`,
        message: `It has ${detectors[kind].title}.`,
        mark: `[${kind}]`,
      })),
    ),
    ...denied.flatMap((word, index) =>
      findWord(text.toLowerCase(), word).map((span) => ({
        ...span,
        rule: "deny",
        message: `It has what entry ${index + 1} of \`deny\` forbids.`,
        mark: "[removed]",
      })),
    ),
    ...patterns.flatMap(({ name, compiled }) =>
      compiled
        .find(text)
        .filter(({ start, end }) => end > start)
        .map((span) => ({
          ...span,
          rule: `patterns.${name}`,
          message: `It has what the pattern "${name}" forbids.`,
          mark: `[${name}]`,
        })),
    ),
    ...(rules.link_hosts ? findLinks(text, rules.link_hosts) : []),
  ];
}

const isLetter = (character: string | undefined) =>
  character !== undefined && /[\p{L}\p{N}_]/u.test(character);

/** As a word of its own, where it begins or ends with a letter. */
function findWord(text: string, word: string): Span[] {
  const spans: Span[] = [];
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
    const end = at + word.length;
    const inWord =
      (isLetter(word[0]) && isLetter(text[at - 1])) ||
      (isLetter(word.at(-1)) && isLetter(text[end]));
    if (!inWord) spans.push({ start: at, end });
  }
  return spans;
}

const link = /(?:[a-z][a-z\d+.-]{1,15}:)?\/\/[^\s<>"'`)\]]{1,2000}/gi;

function findLinks(text: string, allowed: readonly string[]): Finding[] {
  return [...text.matchAll(link)].flatMap(({ 0: found, index }) => {
    const host = URL.parse(found, "https://base.invalid")?.hostname ?? "";
    const fits = allowed.some((one) =>
      one.startsWith("*.") ? host.endsWith(one.slice(1)) : host === one.toLowerCase(),
    );
    if (fits) return [];
    const message = "It links to a host that is not in `link_hosts`.";
    return [
      { start: index, end: index + found.length, rule: "link_hosts", message, mark: "[link]" },
    ];
  });
}

/** With marks in the place of what was found; where two overlap, the first one's. */
function without(text: string, findings: readonly Finding[]): string {
  let [clean, at] = ["", 0];
  for (const { start, end, mark } of findings.toSorted((a, b) => a.start - b.start)) {
    if (end <= at) continue;
    clean += start >= at ? text.slice(at, start) + mark : "";
    at = end;
  }
  return clean + text.slice(at);
}

function once(violations: readonly Violation[]): Violation[] {
  return [...new Map(violations.map((one) => [`${one.rule} ${one.message}`, one])).values()];
}
