import { Buffer } from "node:buffer";
import { z } from "zod";
import {
  type ChatMessage,
  definePlatform,
  type Delivery,
  type Received,
} from "#edge/bots/platform";
import { refusedByStatus } from "#edge/bots/refused-by-status";
import { parseJson } from "#edge/json-body";
import { idAt, jsonPost } from "#edge/nodes/support/channel";
import { api, reasonOf, toPost, userAgent } from "#edge/nodes/support/proactive/discord";
import { bytesOf, isFresh } from "#edge/triggers/webhooks/sender";

const text = z.string().nullish();
const snowflake = z.string().regex(/^\d{5,20}$/);
const user = z.object({ id: snowflake, username: text, global_name: text });
const option = z.object({
  value: z.unknown().optional(),
  /** Those of a subcommand. */
  get options() {
    return z.array(option).nullish();
  },
});
type Option = z.infer<typeof option>;
const interaction = z.object({
  id: snowflake,
  application_id: snowflake,
  token: z.string().regex(/^\w[\w.-]{1,500}$/),
  channel_id: snowflake,
  context: z.number().nullish(),
  member: z.object({ user: user.nullish() }).nullish(),
  user: user.nullish(),
  data: z.object({ options: z.array(option).nullish() }).nullish(),
});
type Interaction = z.infer<typeof interaction>;

// https://docs.discord.com/developers/interactions/receiving-and-responding
const [ping, command, autocomplete] = [1, 2, 4];
const [pong, say, later, suggest] = [1, 4, 5, 8];
/** In a message's flags: links are not fetched to be shown; only who wrote the command sees it. */
const [withoutPreviews, alone] = [4, 64];
const directMessage = 1;
/** Milliseconds that a token lives, less some for the way. */
const tokenLifetime = 14.5 * 60_000;

function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(hex, "hex"));
}

/**
 * Unknown webhook, invalid token: the answer overtook the acknowledgement on its way to Discord, which
 * passes, or that never arrived; then the channel takes the answer once the token has had its time.
 */
const unacknowledged: ReadonlySet<string> = new Set(["10015", "50027"]);

async function isSigned(
  { headers, raw }: Pick<Delivery, "headers" | "raw">,
  publicKey: string,
): Promise<boolean> {
  const signature = headers.get("x-signature-ed25519") ?? "";
  if (!/^[0-9a-f]{64}$/i.test(publicKey) || !/^[0-9a-f]{128}$/i.test(signature)) return false;
  const key = await crypto.subtle
    .importKey("raw", fromHex(publicKey), "Ed25519", false, ["verify"])
    // Hexadecimal, but no point on the curve.
    .catch(() => undefined);
  if (key === undefined) return false;
  const signed = Buffer.concat([bytesOf(headers.get("x-signature-timestamp") ?? ""), raw]);
  return crypto.subtle.verify("Ed25519", key, fromHex(signature), signed);
}

/** The first option that is a text. */
function textOf(options: readonly Option[]): string | undefined {
  for (const { value, options: inner } of options) {
    const found = typeof value === "string" ? value : textOf(inner ?? []);
    if (found !== undefined && found.trim() !== "") return found;
  }
  return undefined;
}

function answer(type: number, data?: object): Response {
  return Response.json(data === undefined ? { type } : { type, data });
}

function toReceived({ channel_id, ...told }: Interaction, now: number): Received {
  const who = told.member?.user ?? told.user;
  const said = textOf(told.data?.options ?? []);
  if (!who || said === undefined) {
    const content = "Write a text with the command, please.";
    return { messages: [], answer: answer(say, { content, flags: alone }) };
  }
  const isDirect = told.context === directMessage;
  const isAlone = !isDirect && /^\s*\d{4,10}\s*$/.test(said);
  const name = who.global_name || who.username;
  const message: ChatMessage = {
    id: told.id,
    thread: isDirect ? channel_id : `${channel_id}/${who.id}`,
    user: { id: who.id, ...(name ? { name } : {}) },
    text: said,
    replyTo: [told.application_id, told.token, now + tokenLifetime, isAlone ? 1 : 0].join("/"),
  };
  return { messages: [message], answer: answer(later, { flags: isAlone ? alone : 0 }) };
}

/**
 * Slash commands with one text option, over HTTP: what people write without a command comes only over
 * Discord's Gateway, a socket that has to stay open, and is not read. On a server everybody has a
 * conversation of their own in each channel, so that a code is answered by whom it was asked of: with
 * the command again. What the bot says is public there, save the answer to a bare code; a direct
 * message is between two. Answers go through the interaction for 15 minutes, then into the channel,
 * for which the bot must be a member that may write.
 */
export const discord = definePlatform({
  name: "discord",
  secrets: {
    public_key: {
      name: "DISCORD_PUBLIC_KEY",
      purpose: "Public Key of the Discord application: General Information.",
    },
    bot_token: {
      name: "DISCORD_BOT_TOKEN",
      purpose: "Token of the Discord application's bot: Bot, Reset Token.",
      hosts: ["discord.com"],
    },
  },
  // 2,000, less a mention of who asked.
  longestText: 1_970,
  async receive(delivery, { public_key = "" }) {
    const { method, headers, raw, now } = delivery;
    if (method !== "POST" || !isFresh(headers.get("x-signature-timestamp"), now)) return undefined;
    if (!(await isSigned(delivery, public_key))) return undefined;
    const body = parseJson(raw);
    const { type } = z.object({ type: z.unknown() }).catch({ type: 0 }).parse(body);
    if (type === ping) return { messages: [], answer: answer(pong) };
    if (type === autocomplete) return { messages: [], answer: answer(suggest, { choices: [] }) };
    const { data } = interaction.safeParse(body);
    if (type === command && data !== undefined) return toReceived(data, now);
    const content = "This bot understands its slash command only.";
    return { messages: [], answer: answer(say, { content, flags: alone }) };
  },
  toRequest({ thread, text: said, replyTo = "" }, port) {
    const [application, token, until, isAlone] = replyTo.split("/");
    if (port.now < Number(until)) {
      const flags = withoutPreviews + (isAlone === "1" ? alone : 0);
      const message = { content: said, allowed_mentions: { parse: [] }, flags };
      const url = `${api}/webhooks/${application}/${token}`;
      return { url, init: jsonPost(message, port, userAgent) };
    }
    const [channel = "", who] = thread.split("/");
    // What was for one is not shown to all.
    const shown = isAlone === "1" ? "The answer came too late to be shown to you alone." : said;
    const content = who === undefined ? shown : `<@${who}> ${shown}`;
    const mentions = { parse: [], users: who === undefined ? [] : [who] };
    const message = { channel, content, allowed_mentions: mentions, flags: withoutPreviews };
    return toPost("bot_token", message, port);
  },
  refusal(status, body) {
    const refused = refusedByStatus(status, reasonOf(body));
    if (refused && unacknowledged.has(idAt(body, "code") ?? "")) {
      return { ...refused, retryAfterMs: 0 };
    }
    const seconds = Number(idAt(body, "retry_after"));
    return refused && seconds >= 0
      ? { ...refused, retryAfterMs: Math.ceil(seconds * 1_000) }
      : refused;
  },
});
