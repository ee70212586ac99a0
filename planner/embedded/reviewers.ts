import { counts, outsiders } from "../vocabulary/reviewers.ts";
import { isName, type Reviewers, reviewersIn } from "./reviewer-names.ts";

/** With the place in the intent where they stand. */
export interface PlacedReviewers extends Reviewers {
  readonly at: number;
  readonly end: number;
  /** The words around them say outright that they are asked. */
  readonly isAsked: boolean;
}

const name = "[@\\p{L}][\\p{L}\\p{N}@._+'-]*";
const some = `(?:${name}|\\d)(?:,? ${name}){0,6}?`;
const decides =
  "(?:approves?|approved|confirms?|decides?|sign(?:s|ed)?(?: it| them)?[- ]off|reviews?|accepts?|releases?|says? (?:yes|ok)|oks?|okays|agrees?|clears?|vets?|greenlights?|has the last word|gives? (?:the |their |his |her )?(?:ok|okay|go-ahead|approval|consent|blessing))";
const must =
  "(?:(?:has|have|had|needs?) to |(?:has|have|did|does|do)(?: not|n't) |must |should |shall |can |will |to |first |then |manually |finally |both |all |explicitly |has |have |ever )*";
const verdict =
  "(?:approvals?|reviews?|ok|okay|go-ahead|sign-off|blessing|consent|confirmation|permission|decision)";
const place = "(?: (?:in|on|via|by|over|through) [\\w# -]{2,20}?)?";

/** `who` is what is between the words around it. */
const closed = [
  `\\b(?:asks?|asking|check(?:s|ing)? with|confirm(?:s|ing)? with|gets?|wait(?:s|ing)? for|pauses? for|needs?|requires?|wants?) (?<who>${some})${place} (?:for (?:an? |the |their |his |her )?(?:written |explicit |final )?${verdict}|to (?:first )?(?:${decides}|check|say))`,
  `\\b(?:asks?|asking|check(?:s|ing)? with|confirm(?:s|ing)? with|wait(?:s|ing)? for) (?<who>${some})${place} (?:before|first\\b|whether|if (?:we|it|they|i|this|that)\\b)`,
  `\\b(?:until|unless|once|only if|only after) (?<who>${some}) ${must}\\b${decides}\\b`,
  `\\b(?:lets?|have|has|make) (?<who>${some})${place} (?:${decides}|decide|(?:double[- ])?check)`,
  `\\b(?:sends?|sent|goes?|going|pass(?:es|ed)?|hand(?:s|ed)?|forward(?:s|ed)?|rout(?:e|es|ed)|escalated?|submit(?:s|ted)?) (?:it |them |this |that |each |the [\\w-]+ |an? [\\w-]+ )?to (?<who>${some})${place} (?:first\\b|for (?:an? |the |their )?${verdict}|to (?:${decides}|check))`,
  `\\bsoll(?:en)? (?<who>${name}) (?:[\\p{L} ]{1,25} )?(?:approve|confirm)`,
].map((source) => new RegExp(source, "giu"));

/** `who` begins here and ends somewhere. */
const openEnd = [
  `\\b(?:${verdict}|approved|confirmed|reviewed|checked|accepted|vetted|released|cleared|greenlit|signed off|decided) (?:by|of|from|through|with|von|durch) (?<who>${some})(?=[,.;:!?)]|$| (?:before|in|on|via|within|after|and|or|first|over|through|to|until|for|when|if|then|is|are|so)\\b)`,
  `\\b(?:approvers?|reviewers?)(?: is| are|:) (?<who>${some})(?=[,.;!?)]|$| (?:before|in|on|via|within|after|and|or|first)\\b)`,
].map((source) => new RegExp(source, "giu"));

/** The same, where what they give is named, or how long they have. */
const owed = [
  `(?<who>(?:[^.;:!?]|[.:](?=\\S)){1,70}?)'s? (?:approval|ok|okay|go-ahead|sign-off|blessing|permission)\\b`,
  `(?<who>(?:[^.;:!?]|[.:](?=\\S)){1,70}?) (?:has|have|gets?) (?:\\d+|an?|one|two|three|five) (?:working |business )?(?:minute|hour|day|week)s? to (?:${decides}|decide|check)`,
].map((source) => new RegExp(source, "giu"));

/** `who` ends here and begins somewhere. */
const openStart = [
  `(?<who>(?:[^.;:!?]|[.:](?=\\S)){1,70}?) ${must}\\b${decides}\\b`,
  `(?<who>(?:[^.;:!?]|[.:](?=\\S)){1,70}?)'s? ${verdict}\\b`,
  `\\b(?:needs?|requires?|wants?) (?<who>(?:an? |the |my |our |two |three )?[\\p{L} -]{2,30}?)(?=[,.;]|$)`,
  `(?<who>\\b(?:my|our|your)) ${verdict}\\b`,
].map((source) => new RegExp(source, "giu"));

interface Piece {
  readonly text: string;
  readonly at: number;
}

/** Words for an approval and nothing else, as against a review or a confirmation of anything. */
const outright =
  /\b(?:approvals?|approved|ok|okay|go-ahead|sign-off|signed off|blessing|permission|greenlit) (?:by|of|from)$/i;

/** All who are said to decide, in the order of the intent, one entry for each place. */
export function readReviewers(english: string): PlacedReviewers[] {
  const found: PlacedReviewers[] = [];
  const add = (piece: Piece | undefined, asks: (who: Reviewers) => boolean = () => false) => {
    const read = piece && reviewersIn(piece.text);
    if (!read) return;
    const isAsked = asks(read);
    const one = { ...read, at: piece.at, end: piece.at + piece.text.length, isAsked };
    const there = found.findIndex(({ at, end }) => at < one.end && one.at < end);
    if (there < 0) found.push(one);
    else if (one.isNamed && !found[there]?.isNamed) found[there] = one;
  };
  for (const piece of piecesOf(closed, english)) add(piece, isInside);
  for (const piece of piecesOf(openEnd, english))
    add(withMore(piece, english), (who) => isInside(who) && outright.test(piece.before));
  for (const piece of piecesOf(owed, english)) add(tailOf(piece), isInside);
  for (const piece of piecesOf(openStart, english)) add(tailOf(piece));
  return found.sort((a, b) => a.at - b.at);
}

/** Named, or somebody of the house: a customer who is asked to confirm reviews nothing. */
function isInside({ isNamed, names, said }: Reviewers): boolean {
  return isNamed || (names.length > 0 && !outsiders.test(said));
}

/** With the words in front of it that belong to the pattern. */
function piecesOf(
  patterns: readonly RegExp[],
  english: string,
): (Piece & { readonly before: string })[] {
  return patterns.flatMap((pattern) =>
    [...english.matchAll(pattern)].flatMap((match) => {
      const text = match.groups?.["who"];
      if (text === undefined) return [];
      const within = match[0].indexOf(text);
      return [{ text, at: match.index + within, before: match[0].slice(0, within).trim() }];
    }),
  );
}

const another = new RegExp(
  `^(?:,? (?:and|or) |, )(${name})(?=[,.;:!?)]|$| (?:before|in|on|via|within|first|for|must|has|have)\\b)`,
  "iu",
);

/** With those who are joined to them behind. */
function withMore(piece: Piece, english: string): Piece {
  let { text } = piece;
  for (let count = 0; count < 5; count++) {
    const next = another.exec(english.slice(piece.at + text.length));
    if (!next?.[1] || !isName(next[1])) break;
    text += next[0];
  }
  return { text, at: piece.at };
}

const joint = /^(?:and|or|&|\/)$/i;

/** The last noun phrase, and those that are joined to it: "maria, otto and the CFO". */
function tailOf({ text, at }: Piece): Piece | undefined {
  const tokens = [...text.matchAll(new RegExp(`${name}|\\d|,|&|/`, "giu"))];
  const words = tokens.map(([word]) => word);
  let from = phraseStart(words);
  if (from === undefined) return undefined;
  for (let isFirst = true; ; isFirst = false) {
    const before = words[from - 1] ?? "";
    if (!joint.test(before) && (isFirst || before !== ",")) break;
    const end = words[from - 2] === "," ? from - 2 : from - 1;
    const start = phraseStart(words.slice(0, end));
    if (start === undefined || !reviewersIn(words.slice(start, end).join(" "))) break;
    from = start;
  }
  const index = tokens[from]?.index ?? 0;
  return { text: text.slice(index), at: at + index };
}

const opening = /^(?:an?|the|my|our|your|their|his|her|each|some|any|two|three|one|2|3)$/i;
const breaks =
  /^(?:,|&|\/|and|or|until|when|if|once|after|before|that|to|unless|because|where|while|is|are|for|but|so|either|both)$/i;

/** As names are. */
function isWritten(word = ""): boolean {
  return /^\p{Lu}\p{L}+$/u.test(word);
}

/** Where the phrase begins that ends with the last of these words. */
function phraseStart(words: readonly string[]): number | undefined {
  const last = words.length - 1;
  if (last < 0 || breaks.test(words[last] ?? "")) return undefined;
  for (let at = last; at >= Math.max(0, last - 5); at--) {
    const word = words[at] ?? "";
    if (breaks.test(word)) break;
    if (!opening.test(word)) continue;
    if (at === last) return /^(?:my|our|your)$/i.test(word) ? at : undefined;
    return words[at - 1] === "of" && counts[words[at - 2] ?? ""] ? at - 2 : at;
  }
  const isLong = last > 1 && isWritten(words[last]) && isWritten(words[last - 1]);
  const isTitle = reviewersIn(words.slice(last).join(" "))?.isNamed === false;
  return isLong ||
    (isTitle && /^(?:IT|HR|\p{L}+-?head|team|tech|art|vice)$/iu.test(words[last - 1] ?? ""))
    ? last - 1
    : last;
}
