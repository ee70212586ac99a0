import type { Platform } from "#edge/bots/platform";
import { telegram } from "./telegram.ts";

/** By the name that a blueprint's `platforms` gives. */
export const platforms: Readonly<Record<string, Platform>> = { telegram };
