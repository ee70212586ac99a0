import { z } from "zod";
import { type ChatMessage, definePlatform } from "#edge/bots/platform";
import { isSameSecret } from "#edge/bots/same-secret";

const host = "api.telegram.org";

/** https://core.telegram.org/bots/api#update, the few fields that are read. */
const update = z.object({
  update_id: z.int(),
  message: z
    .object({
      chat: z.object({ id: z.int() }),
      message_thread_id: z.int().optional(),
      is_topic_message: z.boolean().optional(),
      from: z
        .object({
          id: z.int(),
          is_bot: z.boolean(),
          first_name: z.string().optional(),
          username: z.string().optional(),
        })
        .optional(),
      text: z.string().optional(),
      caption: z.string().optional(),
    })
    .optional(),
});
type Update = z.infer<typeof update>;

/** https://core.telegram.org/bots/api#making-requests */
const answer = z.object({
  ok: z.boolean(),
  description: z.string().optional(),
  parameters: z.object({ retry_after: z.number().optional() }).nullish(),
});

/** https://core.telegram.org/bots/api: one chat, or one topic of a forum, is a thread. */
export const telegram = definePlatform({
  name: "telegram",
  secrets: {
    token: {
      name: "TELEGRAM_BOT_TOKEN",
      purpose: "Token of the Telegram bot, from @BotFather.",
      hosts: [host],
    },
    webhook: {
      name: "TELEGRAM_WEBHOOK_SECRET",
      purpose: "Made up by you (A-Z, a-z, 0-9, _ and -) and given to setWebhook as secret_token.",
    },
  },
  longestText: 4096,
  receive({ method, headers, raw }, secrets) {
    const given = headers.get("x-telegram-bot-api-secret-token") ?? "";
    if (method !== "POST" || !isSameSecret(given, secrets["webhook"] ?? "")) {
      return Promise.resolve(undefined);
    }
    const read = update.safeParse(jsonOf(raw));
    return Promise.resolve({ messages: read.success ? messagesOf(read.data) : [] });
  },
  toRequest({ thread, text }, port) {
    const [chat, topic] = thread.split("/");
    return {
      url: `https://${host}/bot${port.secret("token")}/sendMessage`,
      init: {
        method: "POST",
        headers: { "content-type": "application/json; charset=utf-8" },
        body: JSON.stringify({
          chat_id: Number(chat),
          ...(topic === undefined ? {} : { message_thread_id: Number(topic) }),
          text,
          // Telegram would fetch a link to show it, and tell its server what a model was led to write.
          link_preview_options: { is_disabled: true },
        }),
      },
    };
  },
  refusal(status, body) {
    const read = answer.safeParse(body);
    if (status === 200 && read.data?.ok !== false) return undefined;
    const reason = read.data?.description ?? `status ${status}`;
    const seconds = read.data?.parameters?.retry_after;
    const isTransient = status === 429 || status >= 500;
    return { reason, ...(isTransient ? { retryAfterMs: (seconds ?? 0) * 1_000 } : {}) };
  },
});

function jsonOf(raw: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(raw)) as unknown;
  } catch {
    return undefined;
  }
}

function messagesOf({ update_id: id, message }: Update): ChatMessage[] {
  const text = message?.text ?? message?.caption;
  if (!message?.from || message.from.is_bot || text === undefined) return [];
  const { chat, from, is_topic_message: isTopic, message_thread_id: topic } = message;
  const name = from.username ?? from.first_name;
  return [
    {
      id: String(id),
      thread: isTopic && topic !== undefined ? `${chat.id}/${topic}` : String(chat.id),
      user: { id: String(from.id), ...(name === undefined ? {} : { name }) },
      text,
    },
  ];
}
