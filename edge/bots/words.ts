import type { WordsAnswer } from "#blueprints/node";

/** What an answer in plain words says to a step; undefined: nothing that it would understand. */
export function payloadOf(text: string, { field, words = {} }: WordsAnswer): unknown {
  const said = text.trim();
  const word = said.replace(/^\//, "").toLowerCase();
  if (Object.hasOwn(words, word)) return words[word];
  return field === undefined || said === "" ? undefined : { [field]: said };
}

/** The text in messages of at most `longest` UTF-16 units, broken between lines or words. */
export function splitText(text: string, longest: number): string[] {
  const parts: string[] = [];
  let rest = text.trim();
  while (rest.length > longest) {
    const end = breakOf(rest, longest);
    parts.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  return rest === "" ? parts : [...parts, rest];
}

function breakOf(text: string, longest: number): number {
  const head = text.slice(0, longest + 1);
  const at = [head.lastIndexOf("\n"), head.lastIndexOf(" ")].find((one) => one > longest / 2);
  if (at !== undefined) return at;
  const last = text.charCodeAt(longest - 1);
  return last >= 0xd800 && last < 0xdc00 ? longest - 1 : longest;
}
