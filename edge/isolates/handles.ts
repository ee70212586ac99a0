/**
 * What code gets in place of a secret. A handle is a URL, so that it can stand wherever a value
 * would: in a header, inside a URL, or as the whole URL of a request. Knowing one is worth
 * nothing: the egress swaps it only for a grant that names the secret, and only towards hosts that
 * the secret is bound to.
 */
const handleHost = "secret.aerostack.invalid";

/** Plain, or percent-encoded as it stands in a query string. */
const handlePattern =
  /https(?::|%3A)(?:\/|%2F){2}secret\.aerostack\.invalid(?:\/|%2F)([A-Z][A-Z0-9_]{0,63})/gi;

export function secretHandle(name: string): string {
  return `https://${handleHost}/${name}`;
}

/** Names of the secrets whose handles stand in a text. */
export function handlesIn(text: string): string[] {
  return [...text.matchAll(handlePattern)].map((match) => match[1]!);
}

/** The name, when the whole URL is one handle (an incoming webhook, for example). */
export function wholeUrlHandle(url: string): string | undefined {
  const parsed = new URL(url);
  return parsed.host === handleHost ? parsed.pathname.slice(1) : undefined;
}

/** Puts `value(name)` in the place of every handle. */
export function replaceHandles(text: string, value: (name: string) => string): string {
  return text.replaceAll(handlePattern, (_, name: string) => value(name));
}

export function handlesByName(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, secretHandle(name)]));
}
