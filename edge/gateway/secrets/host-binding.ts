/**
 * Whether a secret that is bound to `patterns` may go to `host` (as `URL.host` writes it: no
 * default port). `*.example.com` covers subdomains; a pattern without a port means the default one.
 */
export function isBoundTo(patterns: readonly string[], host: string): boolean {
  const wanted = host.toLowerCase();
  return patterns.some((pattern) =>
    pattern.startsWith("*.") ? wanted.endsWith(pattern.slice(1)) : wanted === pattern.toLowerCase(),
  );
}
