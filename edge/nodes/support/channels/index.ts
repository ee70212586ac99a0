import { conversation } from "./conversation.ts";
import { discord } from "./discord.ts";
import { email } from "./email.ts";
import { slack } from "./slack.ts";
import { telegram } from "./telegram.ts";
import { webhook } from "./webhook.ts";
import { whatsapp } from "./whatsapp.ts";

/** The channels of `send_message`, by the value of `channel`. */
export const channels = {
  slack,
  discord,
  telegram,
  whatsapp,
  email,
  webhook,
  conversation,
} as const;
