/** How much of an intent is read; the rest is ignored with a warning. */
export const readLimit = 4000;

export interface Token {
  /** Lower case. */
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** One spelling for what looks the same: quotes, dashes, spaces, width. */
export function normalise(text: string): string {
  return (
    text
      .slice(0, readLimit)
      .normalize("NFKC")
      .replace(/\p{Cc}|\p{Cf}/gu, " ")
      .replace(/[‘’ʼ]/g, "'")
      .replace(/[“”„«»]/g, '"')
      .replace(/[‐‑‒–—]/g, "-")
      // The text ends up in messages and prompts, which are templates: nothing in it may be evaluated.
      .replace(/\{(?=\{)/g, "{ ")
      .replace(/\}(?=\})/g, "} ")
      .replace(/\s+/g, " ")
      .trim()
  );
}

/** Words with their places; dots, plus and hyphen stay inside a word. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(/[\p{L}\p{N}](?:[\p{L}\p{N}.+·_-]*[\p{L}\p{N}+])?/gu)) {
    const start = match.index;
    tokens.push({ word: match[0].toLowerCase(), start, end: start + match[0].length });
  }
  return tokens;
}

/** Parts that each say one thing, in order. */
export function splitClauses(text: string): string[] {
  return text
    .split(/[.;:!?](?=\s|$)|,\s+|\s-\s|\b(?:and then|then|and|but|otherwise)\b/i)
    .map((part) => part.trim())
    .filter((part) => part.length > 2);
}

/** `Follow up on leads!` as `follow_up_on_leads`; at most `limit` characters, starts with a letter. */
export function toName(text: string, limit = 40): string {
  const words = text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+/, "");
  return words.slice(0, limit).replace(/_+$/, "") || "job";
}

/** For a list in a sentence: `a, b and c`. */
export function listed(items: readonly string[]): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
