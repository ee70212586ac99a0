import {
  adjectives,
  type Comparison,
  comparisons,
  counted,
  idle,
  money,
  orMore,
  textFields,
  timeUnits,
  wordFields,
} from "../vocabulary/comparisons.ts";
import { toName } from "./text.ts";

/** A condition on one field of the data, as an intent says it. */
export interface Condition {
  /** Name of the field: `amount`, `company_size`, `status`. */
  readonly field: string;
  readonly type: "number" | "string";
  /** `contains`: the text has one of the words. */
  readonly operator: Comparison | "==" | "!=" | "contains";
  readonly value: number | readonly string[];
  /** What it means, for the schema: "Age in days." */
  readonly meaning: string;
  /** The part of the intent, for titles; `at` is its place there. */
  readonly said: string;
  readonly at: number;
}

/** Conditions on fields that the intent spells out, in its order; vague ones ("if unsure") are not among them. */
export function readConditions(english: string): Condition[] {
  const found = [
    ...numbersIn(english),
    ...wordsIn(english),
    ...textsIn(english),
    ...adjectivesIn(english),
  ].sort((a, b) => a.at - b.at);
  const seen = new Set<string>();
  return found
    .filter(({ field, operator, value }) => {
      const key = `${field} ${operator} ${String(value)}`;
      return !seen.has(key) && seen.add(key);
    })
    .slice(0, 4);
}

/** The condition as an expression over a record, false where the field is missing. */
export function toExpression(condition: Condition, record: string): string {
  const { field, operator, value } = condition;
  const path = `${record}.${field}`;
  if (typeof value === "number") return `has(${path}) and double(${path}) ${operator} ${value}`;
  const tests = value.map((word) => {
    const quoted = JSON.stringify(word.toLowerCase());
    return operator === "contains"
      ? `contains(lower(string(${path})), ${quoted})`
      : `lower(string(${path})) ${operator} ${quoted}`;
  });
  const joined = tests.join(operator === "!=" ? " and " : " or ");
  return `has(${path}) and ${tests.length > 1 ? `(${joined})` : joined}`;
}

/** A value of the field for which the condition holds, or one for which it does not. */
export function sampleFor(condition: Condition, holds: boolean): number | string {
  const { operator, value } = condition;
  if (typeof value === "number") {
    const above = operator.startsWith(">");
    const step = Math.max(1, Math.round(Math.abs(value) * 0.5));
    return above === holds ? value + step : value - step;
  }
  const word = value[0] ?? "";
  if (operator === "contains") return holds ? `About ${word}, please` : "About other things";
  return (operator === "==") === holds ? word : `not ${word}`;
}

function toNumber(digits: string, scale: string | undefined): number {
  const factor = { k: 1000, m: 1_000_000 }[scale?.toLowerCase() ?? ""] ?? 1;
  return Number(digits.replaceAll(",", "")) * factor;
}

function numbersIn(english: string): Condition[] {
  const found: Condition[] = [];
  const taken: number[] = [];
  for (const [operator, says] of comparisons) {
    for (const match of english.matchAll(new RegExp(says.source, "gi"))) {
      const end = match.index + match[0].length;
      if (taken.some((at) => at >= match.index && at < end) || isTime(english, match)) continue;
      taken.push(match.index);
      found.push(numberCondition(english, match, operator));
    }
  }
  const either = orMore.exec(english);
  if (either && found.length === 0) {
    const operator = /less|lower|below|fewer/i.test(either[5] ?? "") ? "<=" : ">=";
    found.push(numberCondition(english, either, operator));
  }
  const stale = idle.exec(english);
  if (stale && found.length === 0) {
    const unit = `${stale[2]?.toLowerCase()}s`;
    found.push({
      field: `idle_${unit}`,
      type: "number",
      operator: ">=",
      value: Number(stale[1]),
      meaning: `${titled(unit)} since something last happened to it.`,
      said: stale[0],
      at: stale.index,
    });
  }
  return found;
}

/** "over 2 hours later", "under 5 minutes from now" say when something runs, "over 24 hours" over what period. */
function isTime(english: string, match: RegExpExecArray | RegExpMatchArray): boolean {
  const after = english.slice((match.index ?? 0) + match[0].length);
  const unit = match[4] ?? "";
  if (!timeUnits.test(unit)) return /^(?:am|pm)$/i.test(unit) || /^:\d/.test(after);
  return /^over$/i.test(match[0].split(/\s/)[0] ?? "") || /^ (?:later|ago|from now)\b/i.test(after);
}

function numberCondition(
  english: string,
  match: RegExpExecArray | RegExpMatchArray,
  operator: Comparison,
): Condition {
  const at = match.index ?? 0;
  const [, sign = "", digits = "0", scale, unit = ""] = match;
  const named = fieldBefore(english.slice(Math.max(0, at - 60), at));
  const { field, meaning } = fieldOf(named, { sign, unit, said: match[0] });
  return {
    field,
    type: "number",
    operator,
    value: toNumber(digits, scale),
    meaning,
    said: `${named} ${match[0]}`.trim(),
    at,
  };
}

function fieldOf(
  named: string,
  { sign, unit, said }: { sign: string; unit: string; said: string },
): { field: string; meaning: string } {
  const subject =
    /^(?:.*\b)?(?:orders?|invoices?|payments?|refunds?|refund requests?|expenses?|purchases?|deals?|opportunit(?:y|ies)|transactions?|customers?|items?|hosts?|tickets?|images?|issues?|users?|leads?|records?|rows?|files?|pull requests?)$/i;
  if (timeUnits.test(unit)) {
    const many = `${unit.toLowerCase().replace(/s$/, "")}s`;
    const left =
      /\b(?:ends?|expires?|due|left|remaining|renews?)\b/i.test(named) && !/older/i.test(said);
    return left
      ? { field: `${many}_left`, meaning: `${titled(many)} until it ends.` }
      : { field: `age_${many}`, meaning: `Age in ${many}.` };
  }
  const name = named === "" || subject.test(named) ? "" : toName(named, 30);
  if (name !== "" && name !== "job") return { field: name, meaning: `${titled(named)}.` };
  if (sign !== "" || money.test(unit)) return { field: "amount", meaning: "Amount of money." };
  if (counted.test(unit)) return { field: "quantity", meaning: `Number of ${unit.toLowerCase()}.` };
  if (unit === "%") return { field: "percent", meaning: "Percent." };
  return { field: "amount", meaning: "The number that decides." };
}

const verbs =
  /(?:^|\s)(?:is|are|was|were|be|being|goes|go|drops?|dropped|falls?|rises?|stays?|gets?|closes|moves?|climbs?|remains?|has|have|that|which|of|than|ends? in|expires? in|orders|buys|contains?|to|it)$/i;
const opener =
  /^(?:.*\b(?:when(?:ever)?|if|with|where|whose|that have|having|only|unless|and|or|for|from|in|the|an?|any|each|every|our|my|their|of any|once|alert \w+|notify \w+)\s+)/i;

/** The noun phrase right before a comparison: `company size` in "with a company size". */
function fieldBefore(text: string): string {
  let phrase =
    text
      .split(/[,;:.()]/)
      .at(-1)
      ?.trim() ?? "";
  const ends = /\b(?:ends?|expires?) in$/i.exec(phrase)?.[0];
  for (let next = ""; next !== phrase;) {
    next = phrase;
    phrase = phrase.replace(verbs, "").trim();
  }
  phrase = phrase.replace(/\s(?:of|on|in|for) .*$/i, (rest) =>
    /^\sof (?:any|the|our|my|each)/i.test(rest) ? "" : rest,
  );
  phrase = phrase
    .replace(opener, "")
    .replace(/^(?:the|an?|any|our|my|their|its|stripe|each|every)\s+/i, "");
  const words = phrase
    .split(/\s+/)
    .filter((word) => /^[\p{L}_-]{2,}$/u.test(word))
    .slice(-2);
  if (ends) words.push("ends");
  return words.join(" ");
}

function titled(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const notValues = new Set(
  "is are was and or to of in the a an by with for it its on at from into as be page changes change update updates each per not level then that bar field table report endpoint api check every name code".split(
    " ",
  ),
);

function wordsIn(english: string): Condition[] {
  const pattern = new RegExp(
    `\\b(${wordFields})\\s+(is not|isn't|!=|is|are|equals?|=|==|of|to|changes to|set to|becomes)?\\s*(?:"([^"]{1,40})"|([\\p{L}][\\p{L}\\d_-]*))`,
    "giu",
  );
  const found: Condition[] = [];
  for (const {
    index,
    0: said,
    1: field = "",
    2: verb = "",
    3: quoted,
    4: bare,
  } of english.matchAll(pattern)) {
    const value = quoted ?? bare ?? "";
    if (quoted === undefined && (notValues.has(value.toLowerCase()) || /ing$/.test(value)))
      continue;
    const before = english.slice(Math.max(0, index - 40), index);
    const introduced =
      /\b(?:with|where|whose|if|when|only|and|has|have|having|changes? to|the|an?)\s+(?:\w+ ){0,3}$/i.test(
        before,
      );
    if (
      quoted === undefined &&
      verb === "" &&
      !/\b(?:with|whose|where|having) (?:an? |the )?$/i.test(before)
    )
      continue;
    if (!introduced || (verb === "of" && quoted === undefined)) continue;
    const operator = /not|n't|!=/.test(verb) ? "!=" : "==";
    found.push(wordCondition(toName(field), operator, [value], { said, at: index }));
  }
  return found;
}

function wordCondition(
  field: string,
  operator: "==" | "!=" | "contains",
  value: readonly string[],
  { said, at }: { said: string; at: number },
): Condition {
  const meaning =
    operator === "contains"
      ? `Text that is searched for ${value.join(", ")}.`
      : `${titled(field.replaceAll("_", " "))}, such as ${value[0]}.`;
  return { field, type: "string", operator, value, meaning, said, at };
}

function textsIn(english: string): Condition[] {
  const found: Condition[] = [];
  const pattern = new RegExp(
    `(?:\\b(${textFields}))?(?:\\s+(?:that|which))?\\s+(?:contains?|containing|mentions?|mentioning|includes?|including|has|with) (?:the )?(?:words?|keywords?|phrase|text|term)?\\s*("[^"]{1,60}"(?:\\s*(?:,|or|and)\\s*"[^"]{1,60}")*)`,
    "giu",
  );
  for (const { index, 0: said, 1: field = "text", 2: list = "" } of english.matchAll(pattern)) {
    const words = [...list.matchAll(/"([^"]+)"/g)].map(([, word = ""]) => word);
    found.push(wordCondition(toName(field), "contains", words, { said: said.trim(), at: index }));
  }
  const bare =
    /\b(?:contains?|mentions?|mentioning|containing) (?:the (?:word|keyword) )?(?!our\b|my\b|the\b|an?\b|your\b|any\b|it\b|us\b|me\b)([\p{L}\d_-]{3,30})(?=[,.;]|$)/iu.exec(
      english,
    );
  if (bare && found.length === 0)
    found.push(
      wordCondition("text", "contains", [bare[1] ?? ""], { said: bare[0], at: bare.index }),
    );
  const replies = /\brepl(?:y|ies|ied) (?:with )?"?([A-Z]{2,12})\b"?/.exec(english);
  if (replies)
    found.push(
      wordCondition("text", "contains", [replies[1] ?? ""], {
        said: replies[0],
        at: replies.index,
      }),
    );
  const domain =
    /\b(?:come|comes|coming|are|is)? ?from (?:the (?:domain|address) )?((?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|ai|de|fr|it|es|eu|co|edu|gov))\b/i.exec(
      english,
    );
  if (domain && /\b(?:ignor|skip|only|drop|except|should be)/i.test(english))
    found.push(
      wordCondition("email", "contains", [domain[1] ?? ""], { said: domain[0], at: domain.index }),
    );
  return found;
}

/** "if the ticket is urgent", "urgent tickets": only where something is said to happen for those. */
function adjectivesIn(english: string): Condition[] {
  const found: Condition[] = [];
  const names = Object.keys(adjectives).join("|");
  const pattern = new RegExp(
    `\\b(?:if|when|whenever|only|once|unless)\\b[^,.;]{0,50}?\\b(?:is|are|was|has|have|been|gets?|the|for)? ?\\b(${names})\\b(?! (?:by|to|through|report|email|alert))`,
    "giu",
  );
  for (const { index, 0: said, 1: word = "" } of english.matchAll(pattern)) {
    const value = word.toLowerCase();
    const field = adjectives[value];
    // "when an order is paid" names the event itself; "if it is paid" asks something of it.
    const isEvent = field === "status" && !/^(?:if|only|unless)/i.test(said);
    if (field && !isEvent)
      found.push(
        wordCondition(field, "==", [value.replace("high-priority", "high")], { said, at: index }),
      );
  }
  return found;
}
