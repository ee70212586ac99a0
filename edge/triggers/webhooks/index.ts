import { github } from "./github.ts";
import { hmac } from "./hmac.ts";
import type { Sender } from "./sender.ts";
import { standard } from "./standard.ts";
import { stripe } from "./stripe.ts";
import { token } from "./token.ts";

/** The senders of webhooks, by the value of `sender`. */
export const senders: Readonly<Record<string, Sender>> = { github, hmac, standard, stripe, token };
