/** Words that say nothing about what is looked for; with them in, everything would match. */
const stopWords = new Set(
  "a an and any are as at be by can for from get i if in into is it its me my of on or our so that the their then there this to up us use we when which who will with you your".split(
    " ",
  ),
);

const maxWords = 24;

/**
 * Words for SQLite's FTS5, safe whatever is in them: each quoted, so that no operator, column
 * filter or quote of the query is syntax, and each a prefix, so that `lead` finds `leads`. One
 * word is enough for a match; how many match decides the order. Undefined: nothing to look for.
 */
export function toMatchExpression(query: string): string | undefined {
  const words =
    query
      .slice(0, 2_000)
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  const telling = words.filter((word) => !stopWords.has(word));
  const chosen = [...new Set(telling.length > 0 ? telling : words)].slice(0, maxWords);
  if (chosen.length === 0) return undefined;
  return chosen.map((word) => (word.length < 3 ? `"${word}"` : `"${word}"*`)).join(" OR ");
}
