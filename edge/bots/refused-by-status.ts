import { isTransient } from "#edge/nodes/support/http";
import type { PlatformRefusal } from "./platform.ts";

/** What the status alone says; `reason` in the platform's own words, where it has any. */
export function refusedByStatus(status: number, reason?: string): PlatformRefusal | undefined {
  if (status < 400) return undefined;
  const words = reason ?? `status ${status}`;
  return isTransient(status) ? { reason: words, retryAfterMs: 0 } : { reason: words };
}
