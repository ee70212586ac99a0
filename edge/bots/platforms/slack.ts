import { z } from "zod";
import { type ChatMessage, definePlatform } from "#edge/bots/platform";
import { refusedByStatus } from "#edge/bots/refused-by-status";
import { parseJson } from "#edge/json-body";
import { refusalOf, toPost } from "#edge/nodes/support/proactive/slack";
import { isSignedText } from "#edge/signed-text";
import { isFresh, textOf } from "#edge/triggers/webhooks/sender";

const text = z.string().nullish();
const timestamp = z.string().regex(/^\d{1,12}\.\d{1,9}$/);
const event = z.object({
  type: z.enum(["message", "app_mention"]),
  subtype: text,
  channel: z.string().regex(/^[A-Z0-9]{1,30}$/),
  channel_type: text,
  user: z.string().min(1),
  bot_id: text,
  text,
  ts: timestamp,
  thread_ts: timestamp.nullish(),
  edited: z.unknown().optional(),
});
type Event = z.infer<typeof event>;
const delivered = z.object({
  type: text,
  challenge: text,
  event: event.nullish().catch(null),
  authorizations: z
    .array(z.object({ user_id: text, is_bot: z.boolean().nullish() }))
    .nullish()
    .catch(null),
});

/** A message with a file, and a reply that is shown in the channel too; the rest is about messages. */
const subtypes: ReadonlySet<string> = new Set(["", "file_share", "thread_broadcast"]);

/**
 * What people see: links by their label, which for an address is the address, and mentions as names.
 * https://docs.slack.dev/messaging/formatting-message-text
 */
function plain(written: string): string {
  return written
    .replaceAll(/<(?:mailto|tel):[^|<>]*\|([^<>]*)>/g, "$1")
    .replaceAll(/<(https?:[^|<>]*)(?:\|[^<>]*)?>/g, "$1")
    .replaceAll(/<([#@!])[^|<>]*\|([^<>]*)>/g, (_, sign: string, label: string) =>
      label.startsWith(sign) ? label : `${sign === "!" ? "" : sign}${label}`,
    )
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .trim();
}

const mention = /<@([A-Z0-9]+)(?:\|[^<>]*)?>/g;

/** What the event says to the bot, which is the member `bot` where Slack told. */
function said({ type, text: written }: Event, bot: string | undefined) {
  const mentioned = Array.from((written ?? "").matchAll(mention), ([, member]) => member);
  const isMention = type === "app_mention" || (bot !== undefined && mentioned.includes(bot));
  const begins = /^\s*<@([A-Z0-9]+)(?:\|[^<>]*)?>[\s:,]*/.exec(written ?? "");
  const isBot = begins !== null && (bot === undefined ? isMention : begins[1] === bot);
  return { isMention, words: plain((written ?? "").slice(isBot ? begins[0].length : 0)) };
}

function toMessage(told: Event, bot: string | undefined): ChatMessage | undefined {
  const { channel, user, ts, thread_ts } = told;
  const isFromPerson = !told.bot_id && user !== bot && user !== "USLACKBOT";
  if (!isFromPerson || told.edited || !subtypes.has(told.subtype ?? "")) return undefined;
  const isDirect = told.channel_type === "im";
  const { isMention, words } = said(told, bot);
  // In a channel only what is said to the bot begins a conversation.
  const isForBot = isDirect || isMention;
  if (words === "" || (!isForBot && !thread_ts)) return undefined;
  return {
    // Not the event's: a message in which the bot is mentioned is told twice, as two events.
    id: `${channel}/${ts}`,
    thread: isDirect ? channel : `${channel}/${thread_ts ?? ts}`,
    user: { id: user },
    text: words,
    ...(isForBot ? {} : { isOverheard: true }),
  };
}

/**
 * Events API: direct messages, mentions, and replies in a thread that a mention began
 * (`message.im`, `app_mention`, `message.channels`, `message.groups`); scope `chat:write`. Answers in a
 * channel go into the thread of the message. https://docs.slack.dev/apis/events-api
 */
export const slack = definePlatform({
  name: "slack",
  secrets: {
    signing_secret: {
      name: "SLACK_SIGNING_SECRET",
      purpose: "Signing Secret of the Slack app: Basic Information, App Credentials.",
    },
    bot_token: {
      name: "SLACK_BOT_TOKEN",
      purpose: "Bot User OAuth Token `xoxb-...` of the Slack app: OAuth & Permissions.",
      hosts: ["slack.com"],
    },
  },
  // https://docs.slack.dev/reference/methods/chat.postMessage: what is longer may be split anywhere.
  longestText: 4_000,
  async receive({ method, headers, raw, now }, { signing_secret = "" }) {
    const [at, body] = [headers.get("x-slack-request-timestamp"), textOf(raw)];
    const hex = /^v0=(.*)$/.exec(headers.get("x-slack-signature") ?? "")?.[1] ?? "";
    if (method !== "POST" || body === undefined || !isFresh(at, now)) return undefined;
    if (!(await isSignedText(`v0:${at}:${body}`, hex, signing_secret))) return undefined;
    const { data } = delivered.safeParse(parseJson(raw));
    if (data?.type === "url_verification") {
      return { messages: [], answer: Response.json({ challenge: data.challenge ?? "" }) };
    }
    if (data?.type !== "event_callback" || !data.event) return { messages: [] };
    const bot = data.authorizations?.find(({ is_bot }) => is_bot)?.user_id ?? undefined;
    const message = toMessage(data.event, bot);
    return { messages: message === undefined ? [] : [message] };
  },
  toRequest({ thread, text: words }, port) {
    const [channel, thread_ts] = thread.split("/");
    // Slack would fetch links to show them, and so tell their servers what a model was led to write.
    const quiet = { unfurl_links: false, unfurl_media: false };
    const where = thread_ts === undefined ? { channel } : { channel, thread_ts };
    return toPost("bot_token", { ...where, ...quiet, text: words }, port);
  },
  refusal: (status, body) => refusalOf(body) ?? refusedByStatus(status),
});
