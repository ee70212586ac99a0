import type { Bot, SecretDeclaration } from "#blueprints/blueprint";
import type { LiveBot, LiveBotPlatform } from "#edge/gateway/live-items";
import type { Platform, PlatformSecret } from "./platform.ts";
import { platforms } from "./platforms/index.ts";

/** A bot as it goes live; undefined: it lacks a workflow, or a platform that there is. */
export function liveBotOf(bot: Bot): LiveBot | undefined {
  const { workflow } = bot;
  const talksOn = platformsOf(bot);
  const isComplete = talksOn.length > 0 && talksOn.length === bot.platforms.length;
  if (workflow === undefined || !isComplete) return undefined;
  return {
    id: "",
    workflow,
    platforms: Object.fromEntries(talksOn.map((one) => [one.name, livePlatformOf(bot, one)])),
  };
}

/** The secrets that it needs on its platforms, under the names that it gives them, each once. */
export function needsOf(bot: Bot): SecretDeclaration[] {
  const needs = platformsOf(bot).flatMap(({ secrets }) =>
    Object.values(secrets).map(({ name, purpose, hosts = [] }) => ({
      name: nameIn(bot, name),
      purpose,
      kind: "token" as const,
      hosts: [...hosts],
    })),
  );
  return [...new Map(needs.map((need) => [need.name, need])).values()];
}

/** What bots need on each platform, for the check of a blueprint. */
export function platformNeeds(): Record<string, PlatformSecret[]> {
  const all = Object.values(platforms);
  return Object.fromEntries(all.map(({ name, secrets }) => [name, Object.values(secrets)]));
}

function platformsOf(bot: Bot): Platform[] {
  return bot.platforms.flatMap((name) => platforms[name] ?? []);
}

function nameIn({ secrets = {} }: Bot, usual: string): string {
  return secrets[usual] ?? usual;
}

function livePlatformOf(bot: Bot, { secrets }: Platform): LiveBotPlatform {
  const roles = Object.entries(secrets);
  const named = (one: typeof roles) =>
    Object.fromEntries(one.map(([role, { name }]) => [role, nameIn(bot, name)]));
  return {
    verifying: named(roles.filter(([, { hosts }]) => hosts === undefined)),
    sending: named(roles.filter(([, { hosts }]) => hosts !== undefined)),
    hosts: roles.flatMap(([, { hosts = [] }]) => hosts),
  };
}
