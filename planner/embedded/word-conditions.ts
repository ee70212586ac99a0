import { adjectives, textFields, wordFields } from "../vocabulary/comparisons.ts";
import type { Condition } from "./conditions.ts";
import { toName } from "./text.ts";

/** `age in days` as `Age in days`. */
export function titled(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const notValues = new Set(
  "is are was and or to of in the a an by with for it its on at from into as be page changes change update updates each per not level then that bar field table report endpoint api check every name code".split(
    " ",
  ),
);

/** "with severity critical", "status is not open". */
export function wordsIn(english: string): Condition[] {
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
    if (quoted === undefined && (notValues.has(value.toLowerCase()) || value.endsWith("ing")))
      continue;
    const before = english.slice(Math.max(0, index - 40), index);
    const introduced =
      /\b(?:with|where|whose|if|when|only|and|in|has|have|having|changes? to|the|an?)\s+(?:\w+ ){0,3}$/i.test(
        before,
      );
    if (
      quoted === undefined &&
      verb === "" &&
      !/\b(?:with|whose|where|having|in) (?:an? |the )?$/i.test(before)
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

/** "the subject contains x", "comes from example.com". */
export function textsIn(english: string): Condition[] {
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
export function adjectivesIn(english: string): Condition[] {
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
