import { InputError } from "#blueprints/error";
import type { Env } from "#edge/env";

/**
 * Holds one address to the public rate limit; `area` keeps the counts of routes apart. Cloudflare
 * sets `CF-Connecting-IP` and takes none from outside; on one machine all callers without it
 * share one count. Throws `http.too-many-requests` (429).
 */
export async function limitPublic(env: Env, request: Request, area: string): Promise<void> {
  const address = request.headers.get("CF-Connecting-IP") ?? "local";
  const { success } = await env.PUBLIC_LIMIT.limit({ key: `${area}:${address}` });
  if (success) return;
  throw new InputError("http.too-many-requests", "Too many requests from this address.", {
    status: 429,
    retryAfterMs: 60_000,
    fix: "Wait a minute, then try again.",
  });
}
