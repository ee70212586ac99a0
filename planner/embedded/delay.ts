import type { Recurrence } from "./recurrence.ts";

/** A message that is to be sent some time after what starts the run. */
export interface Delay {
  readonly minutes: number;
  /** Where in the intent its clause is: what is said outside of it happens at once. */
  readonly from: number;
  readonly to: number;
  /** The part of the intent that calls it off: "unless they answered". */
  readonly unless?: string;
}

const words: Readonly<Record<string, number>> = {
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
  fourteen: 14,
  thirty: 30,
};
const units: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 1_440, week: 10_080 };
/** As far ahead as `schedule_message` goes. */
const longest = 366 * 1_440;

const span = `(\\d{1,3}|${Object.keys(words).join("|")}) (minute|hour|day|week)s?`;
const says: readonly RegExp[] = [
  new RegExp(`\\b${span} later\\b`, "i"),
  // Not "after 30 days without a login": that is a condition on the data.
  new RegExp(`\\bafter ${span}(?=\\s*(?:[,;.]|$|unless\\b|if (?:they|he|she|there)\\b))`, "i"),
];
const answered =
  /,?\s*(?:unless (?:they|he|she|the \w+) (?:have |has )?(?:already )?(?:answer(?:s|ed)?|repl(?:y|ies|ied)|respond(?:s|ed)?|react(?:s|ed)?)|if (?:they|he|she|the \w+) (?:have not|has not|haven't|hasn't|did not|didn't|do not|does not) (?:answer|repl|respond|react)\w*|if there (?:is|was|has been) no (?:answer|reply|response))(?: (?:by then|yet|before|until then))?/i;

/** A wait between two steps that is no message: nothing here does only that. */
const waits = new RegExp(`\\b(?:waits?|pauses?|sleeps?)(?: for)? ${span}\\b`, "i");

/** What the intent says to wait for, as it says it; undefined: nothing, or no time. */
export function readWait(english: string): string | undefined {
  return [waits, ...says].map((one) => one.exec(english)?.[0]).find((said) => said !== undefined);
}

const separator = /[,;.]| and | then /i;
const separators = new RegExp(separator.source, "gi");

/** How long after its start a run is to send its message; not where it starts on a schedule anyway. */
export function readDelay(english: string, recurrence: Recurrence | undefined): Delay | undefined {
  if (recurrence?.exact) return undefined;
  const found = says.map((one) => one.exec(english)).find((one) => one !== null);
  if (!found) return undefined;
  const [, count = "", unit = ""] = found;
  const minutes =
    (words[count.toLowerCase()] ?? Number(count)) * (units[unit.toLowerCase()] ?? Number.NaN);
  if (!(minutes > 0 && minutes <= longest)) return undefined;
  const unless = answered.exec(english)?.[0];
  const before = english.slice(0, found.index);
  const from = [...before.matchAll(separators)].at(-1)?.index ?? 0;
  const after = english.slice(found.index).search(separator);
  const to = after < 0 ? english.length : found.index + after;
  return { minutes, from, to, ...(unless === undefined ? {} : { unless }) };
}
