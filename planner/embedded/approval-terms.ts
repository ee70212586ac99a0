/** What an intent says about an approval beside who decides: how long, what then, what they enter. */

/** A part of the intent that is about the way out of an approval, not about what is built otherwise. */
export interface Aside {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

const numbers: Readonly<Record<string, number>> = {
  a: 1,
  an: 1,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  ten: 10,
  twelve: 12,
  fourteen: 14,
  half: 0.5,
};
const units: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1_440, w: 10_080 };

const span = `(?:the |another )?(\\d{1,3}|half an?|${Object.keys(numbers).join("|")})[ -]?(?:more |full |working |business )?(m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?|weeks?)\\b`;
const silence = "(?:answer|reply|response|reaction|decision|approval|verdict|word)s?";
const verbs =
  "(?:answer|repl(?:y|ie)|respond|react|decide|approve|act|move|get back|(?:been )?(?:decided|approved|answered|heard))";

/** How a sentence begins that is about an approval for which nobody has time. */
const lateStarts = [
  `\\b(?:escalat\\w+|auto(?:matically)?[- ]?(?:reject|approv|cancel|declin)\\w*|reject(?:s|ed)?|cancel(?:s|led)?|declin(?:e|es|ed)) [^,;.]{0,50}?\\bafter ${span}`,
  `\\b(?:if|when|should|in case) (?:nobody|no one|no-one|none of (?:them|us)|no ${silence}|there (?:is|was|has been) (?:no|still no) ${silence}|nothing (?:happens|is decided)|(?:[\\w@.-]+ ){1,3}?(?:does|do|did|is|has|have|was)(?: not|n't)(?: yet)? ${verbs})`,
  `\\b(?:after|at|within|in) ${span} (?:without|with no|of silence)`,
  `\\b(?:if|when|once|on|after|upon) (?:(?:it|that|this|the|a|request|review|approval) )*(?:times? ?-?out|timed out|expires|timeout|time is up)\\b`,
  `\\bafter ${span}[,]? (?:it |this |that )?(?:is |are |counts? as |gets? )?(?:auto\\w*[- ]?)?(?:escalat|reject|cancel|declin|approv|denied)`,
  `\\b(?:no|without (?:an? |any )?)${silence} (?:within|in|after|for) ${span}`,
  `\\bsilence (?:counts?|means|is)\\b`,
];
/** The same for what was rejected. */
const rejectedStarts = [
  "\\b(?:if|when|once|in case|on|upon|after) (?:[\\w@.']+ ){0,3}?(?:rejected|rejects?|declined|declines?|denied|denies|refused|refuses|rejection|disapproved|disapproves|turned down|not approved|says? no)\\b",
  "\\b(?:rejected|declined|denied|refused) (?:ones|requests|\\w+s) (?:are|go|get|will)\\b",
];
/** Only where the sentence before says what happens after a yes. */
const otherwise = /^\W*(?:and |but )?(?:otherwise|else|if not)\b/i;
const afterYes =
  /\b(?:if|when|once|after|only if|as soon as) [^,;.]*\b(?:approv|confirm|accept|agree|says? yes|signs?|ok\b)/i;

const inTime = new RegExp(`\\b(?:within|in less than|no later than|in) ${span}`, "iu");

const does =
  /\b(?:escalat|reject|cancel|declin|den(?:y|ied)|drop|discard|approv|go(?:es)? ahead|proceed|continue|send|sent|ask|tell|told|notif|inform|let |e-?mail|mail|post|message|ping|alert|warn|close|end|stop|treat|count|consider|pay|publish|release|do nothing|nothing|hand|pass|forward|archive|delete|add|create|open|log|save|update|mark|hears?|counts|means|back to)\w*/i;

/** The sentence about an approval that takes too long, and the one about what is rejected. */
export function readAsides(english: string): { late?: Aside; rejected?: Aside } {
  const late = asideAt(english, lateStarts) ?? otherwiseIn(english, inTime);
  const rest = late ? blank(english, [late]) : english;
  const rejected = asideAt(rest, rejectedStarts) ?? otherwiseIn(rest, afterYes);
  return { ...(late ? { late } : {}), ...(rejected ? { rejected } : {}) };
}

function asideAt(english: string, starts: readonly string[]): Aside | undefined {
  for (const start of starts) {
    const match = new RegExp(start, "iu").exec(english);
    if (!match) continue;
    const from = match.index;
    const ahead = english.slice(from);
    const stop = /[;.](?=\s|$)|,/.exec(ahead.slice(match[0].length));
    let to = stop ? from + match[0].length + stop.index : english.length;
    const isOpen = !does.test(english.slice(from, to).replace(match[0], leftOf(match[0])));
    if (isOpen && english[to] === ",") {
      const next = /^,[^,;.]*/.exec(english.slice(to))?.[0] ?? "";
      to += next.length;
    }
    return { from, to, text: english.slice(from, to) };
  }
  return undefined;
}

/** What the beginning itself says to do: "escalate ... after 2 days" does, "if nobody answers" does not. */
function leftOf(start: string): string {
  return /^(?:escalat|auto|reject|cancel|declin|after|silence)/i.test(start) ? start : "";
}

function otherwiseIn(english: string, said: RegExp): Aside | undefined {
  let before = "";
  for (const match of english.matchAll(/[^,;.]+/g)) {
    if (otherwise.test(match[0]) && said.test(before)) {
      const from = match.index;
      return { from, to: from + match[0].length, text: match[0] };
    }
    before += match[0];
  }
  return undefined;
}

/** The same length, so that places stay what they are. */
export function blank(text: string, gone: readonly Pick<Aside, "from" | "to">[]): string {
  return gone.reduce(
    (rest, { from, to }) => rest.slice(0, from) + " ".repeat(to - from) + rest.slice(to),
    text,
  );
}

function minutesOf(count = "", unit = ""): number {
  const word = count.toLowerCase().split(" ")[0] ?? "";
  return Math.round((numbers[word] ?? Number(word)) * (units[unit[0]?.toLowerCase() ?? ""] ?? 0));
}

const near = [
  `\\b(?:within|in less than|in at most|no later than|at most|up to|wait(?:s|ing)?(?: at most| up to| for)?|gives?(?: \\w+){1,3}?|has|have|gets?|times? ?-?out (?:after|in|of)|timeout:? (?:of |after )?|expires? (?:after|in)|deadline (?:of|is)|open for|valid for) ${span}`,
  `\\b${span} (?:to (?:decide|approve|answer|respond|react|confirm|review)|time-?out)`,
];

/** How long it is waited, as the aside says it, or else the sentence that asks, which starts at `at`. */
export function readTimeout(
  { text, at }: { readonly text: string; readonly at: number },
  late: Aside | undefined,
): (Pick<Aside, "from" | "to"> & { readonly minutes: number }) | undefined {
  const own = late && new RegExp(span, "iu").exec(late.text);
  if (own) return { from: late.from, to: late.to, minutes: minutesOf(own.at(-2), own.at(-1)) };
  const said = near.map((one) => new RegExp(one, "iu").exec(text)).find(Boolean);
  const minutes = said ? minutesOf(said.at(-2), said.at(-1)) : 0;
  if (!said || minutes <= 0) return undefined;
  const from = at + said.index;
  return { from, to: from + said[0].length, minutes };
}

const reminds = new RegExp(
  `,?\\s*(?:\\band |\\bbut )?\\b(?:remind(?:s|ing)? (?:her|him|them|me|us|it|again|@?[\\w-]+|the [\\w-]+)|nudg(?:e|es) (?:her|him|them|me|us)|with (?:a )?reminders?|reminders?) (?:again )?(?:(?:every|each|after) ${span}|(?<often>daily|every day|each day|hourly|every hour|each hour))(?: (?:in|on|via|by|over) [\\w#-]+)?(?: until (?:\\w+ ){1,3}(?:decided?|decides|approve[sd]?|answers?|answered))?`,
  "iu",
);

/** "Remind her every 4 hours": no schedule, but a part of the asking. */
export function readReminder(english: string): (Aside & { readonly minutes: number }) | undefined {
  const match = reminds.exec(english);
  if (!match) return undefined;
  const often = match.groups?.["often"];
  const minutes =
    often === undefined ? minutesOf(match[1], match[2]) : /hour/i.test(often) ? 60 : 1_440;
  const from = match.index;
  return { from, to: from + match[0].length, text: match[0], minutes: Math.max(5, minutes) };
}

/** Where the run leaves when nobody decided; undefined: by a way of its own. */
export function readOutcome({ text }: Aside): "approved" | "rejected" | undefined {
  const rest = text.replace(
    /\b(?:if|when|should)\b[^,]*?\b(?:approves?|approved|decides?|answers?|answered|decided|approval|decision)\b/i,
    "",
  );
  if (/\bescalat/i.test(rest)) return undefined;
  if (
    /\banyway\b|\bgo(?:es)? ahead\b|\bproceeds?\b|\bcontinues?\b|\bauto\w*[- ]?approv|\bapprov|\b(?:counts? as|means|is|treat\w* (?:it )?as) (?:an? )?(?:yes|consent|ok)\b/i.test(
      rest,
    )
  )
    return "approved";
  return /\breject|\bdeclin|\bden(?:y|ied|ies)\b|\bcancel|\bdrop|\bdiscard|\brefus|\babort|\bstop|\b(?:counts? as|means|is|treat\w* (?:it )?as) (?:an? )?no\b/i.test(
    rest,
  )
    ? "rejected"
    : undefined;
}

/** Those who decide when the first ones do not: "escalate to the admins". */
export function readEscalation({ text }: Aside): string | undefined {
  return /\b(?:escalat\w*|hand(?:s|ed)?|pass(?:es|ed)?|forward(?:s|ed)?|goes|asks?)\b(?: (?:it|this|that|over|on|up))*(?: to)? ([^,;.]+?)(?= (?:after|in|on|via|by|instead|if|when|within)\b|[,;.]|$)/i.exec(
    text,
  )?.[1];
}

const asked =
  "(?:an? |the |their |his |her )?((?:[a-z-]+ ){0,2}(?:amount|price|discount|percentage|limit|budget|quantity|number|cost cent(?:er|re)|po number|account|code|date|deadline|reason|comment|note|justification|category|priority|reference))";
const entered = [
  `\\b(?:she|he|they|and|who approves|approver|reviewer|must|has to|have to) (?:also |then |must |has to |have to )?(?:enters?|entering|fills? in|types? in|notes? down|states?|specif(?:y|ies)) ${asked}`,
  `\\b(?:approv|confirm|sign|decid|review)\\w*(?: (?:it|them|this))? (?:with|giving|stating|entering) ${asked}`,
].map((source) => new RegExp(source, "gi"));

/** Fields of the form: what who approves has to enter. A comment can be given anyway. */
export function readForm(english: string): Record<string, unknown> | undefined {
  const names = entered
    .flatMap((pattern) => [...english.matchAll(pattern)])
    .map(([, said = ""]) => said.toLowerCase().trim())
    .filter((said) => !/^(?:comment|note)$/.test(said));
  if (names.length === 0) return undefined;
  const fields = names
    .slice(0, 5)
    .map((title) => [
      title.replace(/[^a-z0-9]+/g, "_"),
      { title: title.charAt(0).toUpperCase() + title.slice(1), ...typeOf(title) },
    ]);
  return {
    type: "object",
    properties: Object.fromEntries(fields) as object,
    required: fields.map(([field]) => field),
  };
}

function typeOf(title: string): object {
  if (/amount|price|discount|percentage|limit|budget|quantity/.test(title))
    return { type: "number" };
  if (/date|deadline/.test(title)) return { type: "string", format: "date" };
  return { type: "string", minLength: 1 };
}
