import path from "node:path";
import { drizzle } from "drizzle-orm/d1";
import { createTestHarness } from "wrangler";
import type { Env } from "#edge/env";
import type { AccountActor } from "#edge/identity/actor";
import { hashCredential } from "#edge/identity/credential";
import { authenticateKey } from "#edge/identity/keys";
import type { Services } from "#edge/services";

/** The Worker as wrangler serves it, with a door to its bindings for what no page can make. */
export interface Harness {
  /** Starts it; answers its services, and its first account. */
  listen(): Promise<{ services: Services; actor: AccountActor }>;
  /** Everything that it logged. */
  logs(): string;
  close(): Promise<void>;
}

/** `firstKey`: the key of its first account. `settings`: variables of the Worker. */
export async function createHarness(
  firstKey: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Harness> {
  const server = createTestHarness({
    root: path.join(import.meta.dirname, "../.."),
    workers: [
      {
        configPath: "wrangler.toml",
        secrets: {
          ...settings,
          AEROSTACK_FIRST_KEY_HASH: await hashCredential(firstKey),
          AEROSTACK_MASTER_KEYS: JSON.stringify({
            current: "k1",
            keys: { k1: "A".repeat(43) + "=" },
          }),
        },
      },
    ],
  });
  return {
    async listen() {
      const { url } = await server.listen();
      const worker = server.getWorker<Env>();
      await worker.applyD1Migrations("DB");
      const env = await worker.getEnv();
      const db = drizzle(env.DB);
      const services: Services = {
        env,
        db,
        baseUrl: url.origin,
        now: Date.now,
        waitUntil: () => undefined,
      };
      const actor = await authenticateKey(services, firstKey);
      if (!actor) throw new Error("There is no first account.");
      return { services, actor };
    },
    logs: () => JSON.stringify(server.getLogs()),
    close: () => server.close(),
  };
}
