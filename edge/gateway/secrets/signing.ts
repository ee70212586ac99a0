import type { LiveBot } from "#edge/gateway/live-items";
import type { LiveItems } from "#edge/gateway/live";
import type { Vault } from "./vault.ts";

/** What is live, and the values that show that something comes from where it says. */
interface Verifying {
  readonly live: LiveItems;
  readonly vault: Vault;
}

/** What a live webhook's sender signs with. @throws ConfigurationError `secret.missing` */
export function webhookSecret({ live, vault }: Verifying, webhook: string): Promise<string> {
  return vault.signingSecret(live.get("webhook", webhook)?.definition.secret ?? webhook);
}

/** A live bot, and by role what its platform signs with, where that was entered; undefined: it does not talk there. */
export async function openBot(
  { live, vault }: Verifying,
  name: string,
  platform: string,
): Promise<{ bot: LiveBot; secrets: Record<string, string> } | undefined> {
  const bot = live.get("bot", name)?.definition;
  if (!bot || !Object.hasOwn(bot.platforms, platform)) return undefined;
  const named = Object.entries(bot.platforms[platform]?.verifying ?? {});
  const entered = named.filter(([, secret]) => vault.has(secret));
  const values = entered.map(async ([role, secret]): Promise<[string, string]> => {
    return [role, await vault.signingSecret(secret)];
  });
  return { bot, secrets: Object.fromEntries(await Promise.all(values)) };
}
