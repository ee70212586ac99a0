import { discord } from "./discord.fixture.ts";
import { slack } from "./slack.fixture.ts";
import { telegram } from "./telegram.fixture.ts";
import type { Vendor } from "./vendor.fixture.ts";
import { whatsapp } from "./whatsapp.fixture.ts";

/** By the name of their platform. */
export const vendors: Readonly<Record<string, Vendor>> = { slack, discord, telegram, whatsapp };
