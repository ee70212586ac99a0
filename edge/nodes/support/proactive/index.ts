import { email } from "#edge/nodes/support/channels/email";
import { telegram } from "#edge/nodes/support/channels/telegram";
import { discord } from "./discord.ts";
import { slack } from "./slack.ts";
import { whatsapp } from "./whatsapp.ts";

/** The channels of `send_proactive`; a chat id or an address is all that two of them need. */
export const proactive = { slack, discord, telegram, whatsapp, email } as const;
