import cronstrue from "cronstrue";

/** A schedule as read from an intent. */
export interface Recurrence {
  /** Five fields. */
  readonly cron: string;
  /** The same in words, for a person to confirm. */
  readonly words: string;
  /** What was said and cannot be kept to, with what is done instead. */
  readonly inexact?: string;
  /** False: only "monitor" or "remind" was said, the interval is our choice. */
  readonly exact: boolean;
}

const days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const shortDays = "sun|mon|tues?|wed|thu(?:rs)?|fri|sat";
const dayPattern = `(?:${days.join("|")}|${shortDays})`;
const numbers: Readonly<Record<string, number>> = {
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  eight: 8,
  ten: 10,
  twelve: 12,
  fifteen: 15,
  twenty: 20,
  thirty: 30,
  other: 2,
  second: 2,
  couple: 2,
  few: 3,
  half: 30,
};

interface Clock {
  readonly hour: number;
  readonly minute: number;
  readonly said: boolean;
}

/** The time of day that the text names; the hour that people mean by a part of the day otherwise. */
function readClock(text: string): Clock {
  const clock =
    /\b(?:at|by|um|@)\s*(\d{1,2})(?:[:.h](\d{2}))?\s*(a\.?m\.?|p\.?m\.?|o'?clock)?\b/i.exec(text) ??
    /\b(\d{1,2})(?:[:.](\d{2}))?\s*(a\.?m\.?|p\.?m\.?)(?![a-z])/i.exec(text) ??
    /\b(\d{1,2}):(\d{2})()\b/.exec(text);
  if (clock) {
    let hour = Number(clock[1]);
    if (/^p/i.test(clock[3] ?? "") && hour < 12) hour += 12;
    if (/^a/i.test(clock[3] ?? "") && hour === 12) hour = 0;
    const minute = Number(clock[2] ?? 0);
    if (hour < 24 && minute < 60) return { hour, minute, said: true };
  }
  const parts: readonly (readonly [RegExp, number])[] = [
    [/\bmidnight\b/i, 0],
    [/\bnoon|lunch ?time|midday\b/i, 12],
    [/\bearly morning\b/i, 6],
    [/\bmornings?\b|start of the day/i, 8],
    [/\bafternoons?\b/i, 15],
    [/\bevenings?\b/i, 18],
    [/\bnight(?:s|ly)?\b|overnight/i, 2],
    [/end of (?:the )?day|\beod\b/i, 17],
  ];
  const part = parts.find(([pattern]) => pattern.test(text));
  return { hour: part?.[1] ?? 9, minute: 0, said: part !== undefined };
}

/** Days of the week that are named, as cron writes them. */
function readDays(text: string): string | undefined {
  if (
    /\b(week ?days?|work(?:ing)? ?days?|business days?|monday (?:to|through|-) friday|mon-fri)\b/i.test(
      text,
    )
  )
    return "1-5";
  if (/\bweekends?\b/i.test(text) && /\b(every|each|on) weekends?\b/i.test(text)) return "0,6";
  const every = new RegExp(
    `\\b(?:every|each|on|weekly on|once a week on)\\s+((?:${dayPattern}s?\\b(?:\\s*(?:,|and|&|or)\\s*)?)+)`,
    "i",
  ).exec(text);
  const plural = new RegExp(`\\b((?:${days.join("|")})s)\\b`, "i").exec(text);
  const bare = new RegExp(
    `\\b(${days.join("|")}) (?:morning|evening|afternoon|night|digest|report|summary|reminder)`,
    "i",
  ).exec(text);
  const said = every?.[1] ?? plural?.[1] ?? bare?.[1];
  if (!said) return undefined;
  const found = days
    .map((day, index) => (new RegExp(`\\b${day.slice(0, 3)}`, "i").test(said) ? index : -1))
    .filter((index) => index >= 0);
  return found.length > 0 ? found.join(",") : undefined;
}

function amount(word: string | undefined): number {
  if (!word) return 1;
  return numbers[word.toLowerCase()] ?? (Number(word) || 1);
}

/** The third says why the times are not quite those that were said, where they are not. */
type Rule = readonly [
  pattern: RegExp,
  cron: (match: RegExpExecArray, clock: Clock) => string,
  inexact?: (match: RegExpExecArray) => string | undefined,
];

const count = `(\\d{1,3}|${Object.keys(numbers).join("|")})`;
const step = (value: number, most: number) => (value <= 1 ? "*" : `*/${Math.min(value, most)}`);
/** Steps begin anew with each hour, day or month. */
const uneven = (unit: string, whole: number) => (match: RegExpExecArray) => {
  const value = amount(match[1]);
  if (value <= 1 || (value < whole && whole % value === 0)) return undefined;
  return value >= whole
    ? `it is longer than the ${unit} that a cron expression repeats`
    : `the count begins anew with each ${unit}`;
};
const at = (clock: Clock) => `${clock.minute} ${clock.hour}`;

const noHolidays = "public holidays are not known";

/** First match wins, so the more particular stand first. */
const rules: readonly Rule[] = [
  [/\bcron\b[^\d*]*((?:[\d*/,-]+\s+){4}[\d*/,-]+)/i, (m) => m[1] ?? "0 9 * * *"],
  [/\b(?:every|each) minute\b|\bonce a minute\b|\bminutely\b/i, () => "* * * * *"],
  [/\b(?:every )?half(?:[ -]an?)?[ -]hour(?:ly)?\b/i, () => "*/30 * * * *"],
  [/\bquarter[ -]hour(?:ly)?\b|\bevery quarter of an hour\b/i, () => "*/15 * * * *"],
  [
    new RegExp(`\\b(?:every|each|all) ${count}(?: |-)?(?:min(?:ute)?s?|m)\\b`, "i"),
    (m) => `${step(amount(m[1]), 59)} * * * *`,
    uneven("hour", 60),
  ],
  [
    new RegExp(`\\b(?:every|each|all) ${count}(?: |-)?(?:hours?|hrs?|h)\\b`, "i"),
    (m) => `0 ${step(amount(m[1]), 23)} * * *`,
    uneven("day", 24),
  ],
  [/\b(?:every|each) hour\b|\bhourly\b|\bonce an hour\b|\bon the hour\b/i, () => "0 * * * *"],
  [/\btwice (?:a|per|each) day\b|\btwice daily\b/i, () => "0 9,17 * * *"],
  [/\b(?:three times|thrice|3 times|3x) (?:a|per) day\b/i, () => "0 8,13,18 * * *"],
  [/\btwice (?:a|per) week\b|\btwice weekly\b/i, (_, c) => `${at(c)} * * 1,4`],
  [/\btwice (?:a|per) month\b|\bbi-?monthly\b/i, (_, c) => `${at(c)} 1,15 * *`],
  [
    /\b(?:last|final) (?:working |business |week)day of (?:the|each|every) month\b/i,
    (_, c) => `${at(c)} LW * *`,
    () => noHolidays,
  ],
  [
    /\b(?:last|final) day of (?:the|each|every) month\b|\b(?:end of (?:the|each|every) month|month[- ]end)\b/i,
    (_, c) => `${at(c)} L * *`,
  ],
  [
    /\b(?:on the |every |each )?(\d{1,2})(?:st|nd|rd|th) (?:day )?of (?:the|each|every) month\b/i,
    (m, c) => `${at(c)} ${Number(m[1]) > 30 ? "L" : Math.max(1, Number(m[1]))} * *`,
    (m) =>
      Number(m[1]) > 30
        ? "not every month has that day, so it is the last one"
        : Number(m[1]) > 28
          ? "February has no such day and is left out"
          : undefined,
  ],
  [
    /\bfirst (?:working |business |week)day of (?:the|each|every) month\b/i,
    (_, c) => `${at(c)} 1W * *`,
    () => noHolidays,
  ],
  [/\bfirst day of (?:the|each|every) month\b/i, (_, c) => `${at(c)} 1 * *`],
  [
    new RegExp(`\\bfirst (${days.join("|")}) of (?:the|each|every) month\\b`, "i"),
    (m, c) => `${at(c)} * * ${days.indexOf((m[1] ?? "").toLowerCase())}#1`,
  ],
  [/\b(?:every|each) quarter\b|\bquarterly\b/i, (_, c) => `${at(c)} 1 1,4,7,10 *`],
  [
    /\b(?:every|each|once a|per) year\b|\byearly\b|\bannual(?:ly)?\b|\bbirthdays?\b.*\bremind/i,
    (_, c) => `${at(c)} 1 1 *`,
  ],
  [/\b(?:every|each|once a) month\b|\bmonthly\b/i, (_, c) => `${at(c)} 1 * *`],
  [
    /\b(?:every (?:other|second|two|2) weeks?|every fortnight|bi-?weekly|fortnightly)\b/i,
    (_, c) => `${at(c)} 1,15 * *`,
    () => "a cron expression cannot leave out every second week",
  ],
  [
    new RegExp(`\\b(?:every|each) ${count} days?\\b`, "i"),
    (m, c) => `${at(c)} ${step(amount(m[1]), 28)} * *`,
    (m) => (amount(m[1]) > 1 ? "the count begins anew with each month" : undefined),
  ],
  [/\b(?:every|each|once a|once per) week\b|\bweekly\b/i, (_, c) => `${at(c)} * * 1`],
  [
    /\b(?:every|each|once a|once per|per) day\b|\bdaily\b|\bday by day\b|\beveryday\b/i,
    (_, c) => `${at(c)} * * *`,
  ],
  [
    /\b(?:every|each) (?:single )?(?:early )?(?:morning|evening|afternoon|night|midnight|noon)\b|\bnightly\b|\bovernight (?:job|run)\b|\bin the morning\b|\bat midnight\b|\bmorning (?:brief|digest|report|summary|email|standup|message)/i,
    (_, c) => `${at(c)} * * *`,
  ],
  [/\bat \d{1,2}(?::\d{2})? ?(?:am|pm|o'clock)\b/i, (_, c) => `${at(c)} * * *`],
];

/** Words that ask for repetition without saying how often. */
const vague =
  /\b(?:on a schedule|scheduled (?:job|task|run|report|check|backup|workflow)|cron(?: ?job)?|periodic(?:ally)?|regularly|recurring|routinely|at regular intervals|from time to time)\b/i;
const watching =
  /\b(?:monitors?|monitoring|watch(?:es)?|watching|keep an eye on|polls?|polling|track(?:s|ing)? (?:the )?(?:price|prices|changes|rankings?|mentions)|check(?:s|ing)? (?:regularly|periodically|for (?:new|changes|updates))|uptime|price drops?|drops below|goes (?:above|below)|moves? \d|falls below|rises above|crosses|changes? price|new (?:video|episode|release|paper|listing)s?)\b/i;
const reminding =
  /\b(?:remind(?:s|ing)?|reminders? (?:before|every|if|until|a day|the day|\d|two|three|for)|nudges?|digests?|overdue|expir(?:es?|ing|y)|days? before|hours? before|days? (?:after|later)|no (?:reply|response|answer) (?:for|in|after|within)|backups?|back up|birthdays?|anniversar(?:y|ies)|standup)\b/i;

const alternate = new RegExp(`\\bevery (?:other|second) (${dayPattern})s?\\b`, "i");

/** "Every other Monday": the first and the third one of the month. */
function readAlternate(text: string, clock: Clock): Recurrence | undefined {
  const match = alternate.exec(text);
  if (!match) return undefined;
  const day = days.findIndex((name) => name.startsWith((match[1] ?? "").toLowerCase().slice(0, 3)));
  const read = toRecurrence(`${at(clock)} * * ${day}#1,${day}#3`, true);
  return {
    ...read,
    inexact: `"${match[0]}": a cron expression cannot leave out every second week`,
  };
}

/** "The first working day of the month" names no day of the week. */
const ofMonth = /\b(?:first|last|final)\b[^,;.]{0,20}\bdays? of (?:the|each|every) month\b/i;

/** Reads a recurrence; undefined when nothing is said to repeat. */
export function readRecurrence(text: string): Recurrence | undefined {
  const clock = readClock(text);
  const alternating = readAlternate(text, clock);
  if (alternating) return alternating;
  const onDays = ofMonth.test(text) ? undefined : readDays(text);
  if (onDays) return toRecurrence(`${at(clock)} * * ${onDays}`, true);
  for (const [pattern, cron, inexact] of rules) {
    const match = pattern.exec(text);
    if (!match) continue;
    const why = inexact?.(match);
    const read = toRecurrence(cron(match, clock), true);
    return why === undefined ? read : { ...read, inexact: `"${match[0].trim()}": ${why}` };
  }
  if (watching.test(text)) return toRecurrence("*/15 * * * *", false);
  if (vague.test(text) || reminding.test(text)) return toRecurrence("0 9 * * *", false);
  return undefined;
}

function toRecurrence(cron: string, exact: boolean): Recurrence {
  return { cron, exact, words: describeCron(cron) };
}

/** `0 9 * * 1` in words; the expression itself where it cannot be read. */
export function describeCron(cron: string): string {
  return cronstrue.toString(cron, { throwExceptionOnParseError: false, use24HourTimeFormat: true });
}
