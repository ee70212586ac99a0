import { InputError } from "#blueprints/error";
import type { Env } from "#edge/env";

/**
 * Where a request comes from. Cloudflare sets `CF-Connecting-IP` and takes none from outside; on one
 * machine whoever calls could write it, so that there all are one.
 */
export function addressOf(env: Env, request: Request): string {
  if (env.PUBLIC_NETWORK) return "local";
  return request.headers.get("CF-Connecting-IP") ?? "local";
}

/**
 * Holds one address to the public rate limit; `area` keeps the counts of routes apart. Throws
 * `http.too-many-requests` (429).
 */
export async function limitPublic(env: Env, request: Request, area: string): Promise<void> {
  const key = `${area}:${addressOf(env, request)}`;
  const { success } = await env.PUBLIC_LIMIT.limit({ key });
  if (success) return;
  throw new InputError("http.too-many-requests", "Too many requests from this address.", {
    status: 429,
    retryAfterMs: 60_000,
    fix: "Wait a minute, then try again.",
  });
}
