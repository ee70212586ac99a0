import { lexicons } from "../vocabulary/languages.ts";

/** Words that only one of the languages uses, and uses all the time. */
const telltale: Readonly<Record<string, RegExp>> = {
  de: /\b(und|der|die|das|wenn|eine[nrms]?|nicht|für|jeden|mit|auf|werden|wird|ist|per|soll|mir|uns)\b/giu,
  fr: /\b(les|des|une|quand|chaque|avec|dans|pour|sur|est|qui|lorsque|du|au|tous|nouveau|moi|et)\b/giu,
  it: /\b(ogni|quando|della|delle|del|gli|nuov[oaie]|con|che|sono|una|nel|su|per|di|il|alle)\b/giu,
  es: /\b(cada|cuando|los|las|una|nuevos?|con|para|que|del|por|el|y|mis?)\b/giu,
};

const english =
  /\b(the|and|when|every|with|that|from|for|into|each|new|a|to|of|is|are|it|if|on|in|our|my)\b/giu;

/** The language whose small words stand out, as a two-letter code. */
export function guessLanguage(text: string): string {
  let best = "en";
  let most = text.match(english)?.length ?? 0;
  for (const [language, words] of Object.entries(telltale)) {
    const count = text.match(words)?.length ?? 0;
    if (count > most) [best, most] = [language, count];
  }
  return best;
}

const compiled = new Map<string, readonly (readonly [RegExp, string])[]>();

/** The structural words in English; names and everything unknown stay as they are. */
export function toEnglish(text: string, language: string): string {
  const lexicon = lexicons[language];
  if (!lexicon) return text;
  let rules = compiled.get(language);
  if (!rules) {
    rules = Object.entries(lexicon)
      .sort(([a], [b]) => b.length - a.length)
      .map(([word, to]) => [
        new RegExp(`(?<![\\p{L}\\p{N}-])${word}(?![\\p{L}\\p{N}-])`, "giu"),
        to,
      ]);
    compiled.set(language, rules);
  }
  let result = text;
  for (const [pattern, to] of rules) result = result.replace(pattern, to);
  return result;
}
