/** How intents say a condition on a value: phrases, and what people compare. English. */

export type Comparison = ">" | ">=" | "<" | "<=";

const amount = "([$€£]\\s?)?(\\d[\\d,]*(?:\\.\\d+)?)\\s?(k|m)?\\b\\s?(%|[a-z]+)?";

/** Phrase before a number, as the operator it stands for; the first that fits is meant. */
export const comparisons: readonly (readonly [operator: Comparison, says: RegExp])[] = [
  [">=", numeric("at least|no less than|not less than|minimum(?: of)?|>=|reach(?:es|ing)?")],
  ["<=", numeric("at most|no more than|not more than|up to|maximum(?: of)?|<=")],
  [
    ">",
    numeric(
      "above|over|more than|greater than|bigger than|larger than|higher than|exceed(?:s|ing)?|beyond|older than|longer than|open for more than|>",
    ),
  ],
  [
    "<",
    numeric(
      "below|under|less than|fewer than|smaller than|lower than|cheaper than|younger than|newer than|<",
    ),
  ],
];

/** "without activity for 60 days", "inactive for 90 days". */
export const idle =
  /\b(?:without (?:any )?(?:activity|updates?|changes?|repl(?:y|ies)|answers?|comments?)|inactive|idle|untouched|stale|unanswered|no (?:activity|reply|answer|updates?)) (?:for|in|since) (?:the last |more than |over )?(\d+) (minute|hour|day|week|month)s?\b/i;

/** "5 or more", "100 euros or less". */
export const orMore =
  /([$€£]\s?)?(\d[\d,]*(?:\.\d+)?)\s?(k|m)?\b\s?(%|[a-z]+)? or (more|higher|above|less|lower|below|fewer)\b/i;

function numeric(words: string): RegExp {
  return new RegExp(
    `(?<![\\w<>])(?:${words})\\s*(?:a |an |the )?(?:score of |value of |amount of )?${amount}`,
    "i",
  );
}

/** Fields whose values are words: "with severity critical", "status is open". */
export const wordFields =
  "status|state|severity|priority|type|event type|kind|country|region|city|plan|tier|stage|level|category|language|label|tag|role|department|currency|environment|branch|industry|sentiment|source|topic";

/** An adjective that stands for the value of a field: "urgent tickets", "the payment failed". */
export const adjectives: Readonly<Record<string, string>> = {
  urgent: "priority",
  critical: "severity",
  "high-priority": "priority",
  paid: "status",
  unpaid: "status",
  overdue: "status",
  failed: "status",
  cancelled: "status",
  shipped: "status",
  delivered: "status",
  refunded: "status",
  approved: "status",
  rejected: "status",
  vip: "tier",
  negative: "sentiment",
  positive: "sentiment",
};

/** Texts that are searched for words: "subject contains ...". */
export const textFields =
  "subject|title|body|description|message|text|content|comment|name|summary|note|address|domain|url|e-?mail|review";

/** A unit of time after a number makes the field an age. */
export const timeUnits = /^(?:second|minute|min|hour|day|week|month|year)s?$/i;

/** A thing that is counted makes the field a quantity. */
export const counted =
  /^(?:units?|pieces?|items?|pcs|seats?|tickets?|copies|licen[cs]es?|employees?|people|guests?|nights?)$/i;

/** What money is called. */
export const money = /^(?:usd|eur|gbp|chf|dollars?|euros?|pounds?|francs?|bucks|cents?)$/i;

/** What limits how the work is done: "in under 200 words". */
export const lengths =
  /^(?:words?|characters?|sentences?|lines?|paragraphs?|bullets?|tokens?|hosts?|servers?|pages?|languages?|steps?)$/i;
