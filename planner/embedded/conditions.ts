import {
  type Comparison,
  comparisons,
  counted,
  idle,
  lengths,
  money,
  orMore,
  timeUnits,
} from "../vocabulary/comparisons.ts";
import { toName } from "./text.ts";
import { adjectivesIn, textsIn, titled, wordsIn } from "./word-conditions.ts";

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
      if (!isLength(english, match)) found.push(numberCondition(english, match, operator));
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

/** "In under 200 words", "on over 100 hosts": how the work is done, not which data is meant. */
function isLength(english: string, match: RegExpExecArray | RegExpMatchArray): boolean {
  return (
    match[1] === undefined &&
    /\b(?:in|on|into|to|of|within|using)\s+$/i.test(english.slice(0, match.index)) &&
    lengths.test(match[4] ?? "")
  );
}

function numberCondition(
  english: string,
  match: RegExpExecArray | RegExpMatchArray,
  operator: Comparison,
): Condition {
  const at = match.index ?? 0;
  const [, sign = "", digits = "0", scale, unit = ""] = match;
  const named = fieldBefore(english.slice(Math.max(0, at - 60), at));
  const { field, meaning } = fieldOf(named, {
    sign,
    unit,
    said: match[0],
    after: english.slice(at + match[0].length, at + match[0].length + 12),
  });
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
  { sign, unit, said, after }: { sign: string; unit: string; said: string; after: string },
): { field: string; meaning: string } {
  const subject =
    /^(?:.*\b)?(?:orders?|invoices?|payments?|refunds?|refund requests?|expenses?|purchases?|deals?|opportunit(?:y|ies)|transactions?|customers?|items?|hosts?|tickets?|images?|issues?|users?|leads?|records?|rows?|files?|pull requests?|bookings?|reservations?|signups?|submissions?|applications?|employees?|messages?|texts?|carts?|claims?|subscriptions?)$/i;
  if (/^(?:characters?|words?|lines?)$/i.test(unit))
    return { field: "length", meaning: `Length in ${unit.toLowerCase()}.` };
  if (timeUnits.test(unit)) {
    const many = `${unit.toLowerCase().replace(/s$/, "")}s`;
    const left =
      /\b(?:ends?|expires?|due|left|remaining|renews?)\b/i.test(`${named} ${after}`) &&
      !/older/i.test(said);
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
  /(?:^|\s)(?:is|are|was|were|be|being|goes|go|drops?|dropped|falls?|rises?|stays?|gets?|closes|moves?|climbs?|remains?|has|have|that|which|of|than|ends? in|expires? in|orders|buys|contains?|to|it|with|on|by|at|for|in)$/i;
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
  phrase = phrase.replace(/^(?:if|when|only|with|where|whose|unless|and|or)$/i, "");
  const words = phrase
    .split(/\s+/)
    .filter((word) => /^[\p{L}_-]{2,}$/u.test(word))
    .slice(-2);
  if (ends) words.push("ends");
  return words.join(" ");
}
