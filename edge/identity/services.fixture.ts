import { env } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/d1";
import type { Services } from "#edge/services";

/** Services over the test database, with what a test wants otherwise: a clock, a variable. */
export function testServices({
  now = Date.now,
  vars = {},
}: { now?: () => number; vars?: Partial<Services["env"]> } = {}): Services {
  return {
    env: { ...env, ...vars } as Services["env"],
    db: drizzle((env as unknown as Services["env"]).DB),
    baseUrl: "https://aerostack.test",
    now,
    waitUntil: () => {},
  };
}
