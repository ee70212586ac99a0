import { timeZones, zoneAbbreviations } from "../vocabulary/time-zones.ts";

const places = Object.keys(timeZones)
  .toSorted((a, b) => b.length - a.length)
  .join("|");
/** "weather in Berlin" names no zone: the place stands beside a time of day, or the word "time" follows it. */
const clock =
  "(?:\\d{1,2}(?:[:.h]\\d{2})?(?:\\s?[ap]\\.?m\\.?)?(?:\\s?(?:o'?clock|uhr|h))?|noon|midnight)";
const byTime = new RegExp(
  `(?<![\\p{L}])(${places})(?:['’]s)? (?:local )?(?:time(?: ?zone)?|zeit)(?![\\p{L}])`,
  "iu",
);
const byClock = new RegExp(
  `(?:\\b(?:at|by|um|@)\\s*)${clock},?\\s*(?:(?:in|at|for)\\s+)?(?:the )?(${places})(?![\\p{L}])`,
  "iu",
);
const abbreviation = new RegExp(
  `\\d\\s?(?:[ap]\\.?m\\.?\\s?)?\\(?(${Object.keys(zoneAbbreviations).join("|")})\\b(?![+-]\\d)`,
  "u",
);
const iana =
  /\b((?:Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific)\/[A-Za-z_]+(?:\/[A-Za-z_]+)?)/;

/** The IANA zone that an intent names for its times; undefined when it names none that is known. */
export function readTimeZone(text: string): string | undefined {
  const named = iana.exec(text)?.[1];
  if (named && isZone(named)) return named;
  const place = (byTime.exec(text) ?? byClock.exec(text))?.[1];
  if (place) return timeZones[place.toLowerCase()];
  return zoneAbbreviations[abbreviation.exec(text)?.[1] ?? ""];
}

/** "9 am local time", "UTC+3": a zone is meant that this reader cannot name. */
export function meansAnotherZone(text: string): boolean {
  return (
    readTimeZone(text) === undefined &&
    /\b(?:local|\p{Lu}\p{L}+) time\b|\btime ?zone\b|\b(?:UTC|GMT)\s?[+-]\s?\d|\p{Lu}\p{L}+er Zeit\b/u.test(
      text,
    )
  );
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
