import { type ExpressionFunction, failed, numberArgument, textArgument } from "./function.ts";
import type { Budget } from "./limits.ts";
import { toText } from "./values.ts";

/** `*` stands for any characters; two pointers, so the work is bounded by the product of lengths. */
function like(text: string, pattern: string, budget: Budget): boolean {
  let at = 0;
  let inPattern = 0;
  let star = -1;
  let retry = 0;
  while (at < text.length) {
    if (at % 100 === 0) budget.spend(1);
    if (pattern[inPattern] === "*") {
      star = inPattern++;
      retry = at;
    } else if (pattern[inPattern] === text[at]) {
      at += 1;
      inPattern += 1;
    } else if (star >= 0) {
      budget.spend(1);
      inPattern = star + 1;
      at = ++retry;
    } else return false;
  }
  while (pattern[inPattern] === "*") inPattern += 1;
  return inPattern === pattern.length;
}

const simple = (name: string, summary: string, change: (text: string) => string) =>
  ({
    signature: `${name}(text)`,
    summary,
    arity: [1, 1],
    run([value], budget) {
      const text = textArgument(value, name);
      budget.text(text.length);
      return change(text);
    },
  }) satisfies ExpressionFunction;

const test = (name: string, summary: string, holds: (text: string, part: string) => boolean) =>
  ({
    signature: `${name}(text, part)`,
    summary,
    arity: [2, 2],
    run([value, part], budget) {
      const text = textArgument(value, name);
      budget.text(text.length);
      return holds(text, textArgument(part, name));
    },
  }) satisfies ExpressionFunction;

const lower = simple("lower", "In lower case.", (text) => text.toLowerCase());
const upper = simple("upper", "In upper case.", (text) => text.toUpperCase());

/** Functions over text. */
export const textFunctions: Readonly<Record<string, ExpressionFunction>> = {
  lower,
  lowerAscii: lower,
  upper,
  upperAscii: upper,
  trim: simple("trim", "Without white space at both ends.", (text) => text.trim()),
  startsWith: test("startsWith", "Whether a text begins with another.", (a, b) => a.startsWith(b)),
  endsWith: test("endsWith", "Whether a text ends with another.", (a, b) => a.endsWith(b)),
  indexOf: {
    signature: "indexOf(text, part)",
    summary: "Where the part begins, from 0; -1 when it is not there.",
    arity: [2, 2],
    run([value, part], budget) {
      const text = textArgument(value, "indexOf");
      budget.text(text.length);
      return text.indexOf(textArgument(part, "indexOf"));
    },
  },
  like: {
    signature: "like(text, pattern)",
    summary:
      'Whether the whole text fits a pattern in which `*` is anything: `like(mail, "*@acme.com")`.',
    arity: [2, 2],
    run([value, pattern], budget) {
      return like(textArgument(value, "like"), textArgument(pattern, "like"), budget);
    },
  },
  substring: {
    signature: "substring(text, start, end?)",
    summary: "The characters from `start` up to `end`, counted from 0.",
    arity: [2, 3],
    run([value, start, end], budget) {
      const text = textArgument(value, "substring");
      budget.text(text.length);
      const last = end === undefined ? text.length : numberArgument(end, "substring");
      return text.slice(Math.max(0, numberArgument(start, "substring")), Math.max(0, last));
    },
  },
  replace: {
    signature: "replace(text, part, by)",
    summary: "Every occurrence replaced.",
    arity: [3, 3],
    run([value, part, by], budget) {
      const text = textArgument(value, "replace");
      const [search, put] = [textArgument(part, "replace"), textArgument(by, "replace")];
      if (search === "")
        throw failed("replace() got an empty text to look for.", "Name the part to replace.");
      budget.text(text.length);
      const pieces = text.split(search);
      budget.text(text.length + (pieces.length - 1) * put.length);
      return pieces.join(put);
    },
  },
  split: {
    signature: "split(text, separator)",
    summary: "A list of the parts.",
    arity: [2, 2],
    run([value, separator], budget) {
      const text = textArgument(value, "split");
      budget.text(text.length);
      const parts = text.split(textArgument(separator, "split"));
      budget.spend(parts.length);
      return parts;
    },
  },
  string: {
    signature: "string(value)",
    summary: "As text; maps and lists as JSON.",
    arity: [1, 1],
    run([value], budget) {
      const text = toText(value);
      budget.text(text.length);
      return text;
    },
  },
  json: {
    signature: "json(value)",
    summary: "As JSON text.",
    arity: [1, 1],
    run([value], budget) {
      const text = JSON.stringify(value ?? null);
      budget.text(text.length);
      return text;
    },
  },
  parseJson: {
    signature: "parseJson(text)",
    summary: "The value that a JSON text holds.",
    arity: [1, 1],
    run([value], budget) {
      const text = textArgument(value, "parseJson");
      budget.text(text.length);
      try {
        return JSON.parse(text) as unknown;
      } catch {
        throw failed(
          "parseJson() got a text that is not JSON.",
          "Check where the text comes from.",
        );
      }
    },
  },
};
