import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";
import { baseUrl, type Env } from "#edge/env";

/** What one request works with; passed in, so that tests hand in their own clock and database. */
export interface Services {
  readonly env: Env;
  readonly db: DrizzleD1Database;
  /** Public base URL without a trailing slash. */
  readonly baseUrl: string;
  /** Milliseconds since 1970. */
  now(): number;
  /** Work that may finish after the answer. */
  waitUntil(work: Promise<unknown>): void;
}

export function createServices(
  env: Env,
  request: Request,
  context: Pick<ExecutionContext, "waitUntil">,
): Services {
  return {
    env,
    db: drizzle(env.DB),
    baseUrl: baseUrl(env, request),
    now: Date.now,
    waitUntil: (work) => context.waitUntil(work),
  };
}
