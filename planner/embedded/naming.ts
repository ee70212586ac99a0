import type { Understanding } from "./understand.ts";
import { toName } from "./text.ts";

const stopWords = new Set(
  "a an the and or to of in on for with from by into that this my our your their it them they we i is are be when whenever if every each new all then via as at me us please build create make set up get gets which who only not no can should".split(
    " ",
  ),
);

/** A short resource name from the first telling words. */
export function resourceName(known: Understanding): string {
  const words = known.english
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length > 1 && !stopWords.has(word) && !/^\d+$/.test(word));
  return toName(words.slice(0, 4).join("_"), 32);
}

const subjects =
  /\b(lead|prospect|contact|signup|order|ticket|issue|bug|invoice|receipt|email|message|customer|user|review|comment|payment|transaction|product|applicant|candidate|resume|document|file|image|record|row|event|article|post|video|task|booking|appointment|subscription|deal|claim|expense|feedback|request|submission|alert|text|number|price|date)s?\b/i;

/** The noun that the intent is about, in the singular; `item` when none is known. */
export function subjectOf(english: string): string {
  return subjects.exec(english)?.[1]?.toLowerCase() ?? "item";
}

/** `the urgent ones` as a title: first letter upper, at most 60 characters. */
export function titleOf(phrase: string): string {
  const text = phrase
    .trim()
    .replace(/^(?:and|then|but)\s+/i, "")
    .slice(0, 60)
    .trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}
