import type { Platform } from "#edge/bots/platform";
import { discord } from "./discord.ts";
import { slack } from "./slack.ts";
import { telegram } from "./telegram.ts";
import { whatsapp } from "./whatsapp.ts";

/** By the name that a blueprint's `platforms` gives. */
export const platforms: Readonly<Record<string, Platform>> = {
  slack,
  discord,
  telegram,
  whatsapp,
};
