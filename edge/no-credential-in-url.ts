import { InputError } from "#blueprints/error";

/** Parameters that carry a credential by their usual names, letters only and in lower case. */
const telling = new Set(
  "token accesstoken refreshtoken idtoken apikey xapikey key bearer authorization clientsecret".split(
    " ",
  ),
);

/** OAuth's own, and random or of another server: what they look like says nothing. */
const opaque = new Set(["code", "state", "nonce", "code_challenge"]);

/** An account key or a workspace token, also one that was cut off. */
const ours = /(?:^|[^A-Za-z0-9])(?:ak|wt)_[A-Za-z0-9_-]{16}/;
/** An OAuth access or refresh token: who, which grant, 32 random characters. */
const granted = /^(?:Bearer +)?[\w.@-]+:[A-Za-z0-9]+:[A-Za-z0-9]{32,}$/i;
/** A whole one between slashes; names of resources are shorter. */
const inPath = /\/(?:ak|wt)_[A-Za-z0-9_-]{43}(?:[/?#]|$)/;

/**
 * Refuses a request whose URL holds a credential, by its value or by the name of its parameter: URLs
 * end up in logs, histories and `Referer`. The app asks this before any route; the refusal quotes
 * nothing. Throws `token.in-url` (400).
 */
export function assertNoCredentialInUrl(url: string): void {
  const query = url.indexOf("?");
  if (inPath.test(url)) throw refused();
  if (query === -1) return;
  const isOAuth = new URL(url).pathname.startsWith("/oauth/");
  for (const [name, value] of new URLSearchParams(url.slice(query + 1))) {
    if (telling.has(name.toLowerCase().replaceAll(/[^a-z]/g, ""))) throw refused();
    if (isOAuth && opaque.has(name)) continue;
    if (ours.test(value) || granted.test(value)) throw refused();
  }
}

function refused(): InputError {
  return new InputError("token.in-url", "A credential does not belong into a URL.", {
    fix: "Send it as `Authorization: Bearer ...`, and replace the one that was sent: it may be in logs.",
  });
}
