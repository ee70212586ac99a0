import { minimumValueLength } from "./value-limits.ts";

/** A part of a URL that no word of a language looks like. */
function isTelling(part: string): boolean {
  return part.length >= 16 || (part.length >= 8 && /\d/.test(part));
}

/**
 * A secret value and what of it gives it away alone: of a URL its path with the query, and every
 * part of them that looks like a credential. An upstream echoes the path of a webhook, not its host.
 */
export function tellingParts(value: string): string[] {
  const url = /^https?:/i.test(value) ? URL.parse(value) : null;
  const ofUrl = url
    ? [
        url.href,
        url.pathname + url.search,
        ...[...url.pathname.split("/"), ...url.searchParams.values()].filter(isTelling),
      ]
    : [];
  return [value, ...ofUrl].filter((part) => part.length >= minimumValueLength);
}
