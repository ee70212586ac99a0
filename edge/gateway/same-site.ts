import { InputError } from "#blueprints/error";
import { baseUrl, type Env } from "#edge/env";

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Refuses what a foreign web page makes a browser send (DNS rebinding): a `Host` that is not ours
 * where the public URL is known, and an `Origin` that is neither ours nor of this machine. Throws
 * `http.host`, `http.origin` (403).
 */
export function assertSameSite(request: Request, env: Env): void {
  const base = baseUrl(env, request);
  // Nearly every request; parsing two URLs a call would be felt.
  if (!request.url.startsWith(`${base}/`)) assertOwnHost(new URL(request.url), new URL(base));
  const origin = request.headers.get("origin");
  if (origin === null) return;
  const from = URL.parse(origin);
  if (from && (from.origin === new URL(base).origin || loopback.has(from.hostname))) return;
  throw new InputError("http.origin", "Requests of this origin are not accepted.", {
    status: 403,
    fix: "Call from a program, or from a page of this server.",
  });
}

function assertOwnHost(host: URL, own: URL): void {
  if (host.host === own.host || loopback.has(host.hostname)) return;
  throw new InputError("http.host", `This server does not answer for ${host.host}.`, {
    status: 403,
    fix: "Use the public URL of the platform (AEROSTACK_URL).",
  });
}
