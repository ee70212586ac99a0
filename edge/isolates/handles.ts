/**
 * What code gets in place of a secret. A handle is a URL, so that it can stand wherever a value
 * would: in a header, inside a URL, or as the whole URL of a request. The egress swaps it only for a
 * grant that names the secret, and only towards hosts that the secret is bound to.
 *
 * Its tag belongs to the grant. Data that a stranger sends ends up in URLs and headers as well: with
 * handles that anybody could write, it would put a secret where the service shows it to that stranger.
 */
const handleHost = "secret.aerostack.invalid";

/** Plain, or percent-encoded as it stands in a query string. */
const handlePattern =
  /https(?::|%3A)(?:\/|%2F){2}(?:([0-9a-f]{32})\.)?secret\.aerostack\.invalid(?:\/|%2F)([A-Z][A-Z0-9_]{0,63})/gi;

/** 32 hexadecimal digits; undefined: of a run that began before handles had tags. */
export type HandleTag = string | undefined;

export function createHandleTag(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

export function secretHandle(name: string, tag?: HandleTag): string {
  return `https://${hostOf(tag)}/${name}`;
}

function hostOf(tag: HandleTag): string {
  return tag === undefined ? handleHost : `${tag}.${handleHost}`;
}

/** Names of the secrets whose handles with this tag stand in a text. */
export function handlesIn(text: string, tag: HandleTag): string[] {
  return [...text.matchAll(handlePattern)]
    .filter(([, found]) => found === tag)
    .map(([, , name]) => name!);
}

/** The name, when the whole URL is one handle (an incoming webhook, for example). */
export function wholeUrlHandle(url: string, tag: HandleTag): string | undefined {
  const parsed = new URL(url);
  return parsed.host === hostOf(tag) ? parsed.pathname.slice(1) : undefined;
}

/** Puts `value(name)` in the place of every handle with this tag. */
export function replaceHandles(
  text: string,
  tag: HandleTag,
  value: (name: string) => string,
): string {
  return text.replaceAll(handlePattern, (handle, found: HandleTag, name: string) =>
    found === tag ? value(name) : handle,
  );
}

export function handlesByName(names: readonly string[], tag: HandleTag): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, secretHandle(name, tag)]));
}
