import { z } from "zod";
import { type ChatMessage, definePlatform } from "#edge/bots/platform";
import { refusedByStatus } from "#edge/bots/refused-by-status";
import { isSameSecret } from "#edge/bots/same-secret";
import { parseJson } from "#edge/json-body";
import { idAt } from "#edge/nodes/support/channel";
import { toPost } from "#edge/nodes/support/channels/whatsapp";
import { isHubSigned } from "#edge/signed-text";
import { textOf } from "#edge/triggers/webhooks/sender";

/** What cannot be read is left out, and takes nothing else with it: Meta sends in batches. */
function many<Item extends z.ZodType>(item: Item) {
  return z
    .array(item.nullable().catch(null))
    .catch([])
    .transform((items) => items.filter((one) => one !== null));
}
const text = z.string().nullish();
const choice = z.object({ title: text }).nullish();
const message = z.object({
  id: z.string().min(1),
  from: text,
  from_user_id: text,
  timestamp: text,
  group_id: text,
  text: z.object({ body: text }).nullish(),
  button: z.object({ text }).nullish(),
  interactive: z.object({ button_reply: choice, list_reply: choice }).nullish(),
});
const contact = z.object({
  wa_id: text,
  user_id: text,
  profile: z.object({ name: text }).nullish(),
});
const value = z.object({
  metadata: z.object({ phone_number_id: z.string().regex(/^\d{1,30}$/) }),
  contacts: many(contact),
  messages: many(message),
});
const delivered = z.object({ entry: many(z.object({ changes: many(z.object({ value })) })) });

/** Digits, or the id of who hides their number. */
const userId = /^(?:\d{5,20}|[A-Z]{2}\.(?:ENT\.)?[0-9A-Za-z]{1,128})$/;

/** Milliseconds for which Meta repeats a delivery, and a day: the signature itself is for ever. */
const repeatedMs = 8 * 86_400_000;

function toMessages(
  { metadata, contacts, messages }: z.infer<typeof value>,
  now: number,
): ChatMessage[] {
  return messages.flatMap((one) => {
    const user = one.from || one.from_user_id || "";
    const { button_reply, list_reply } = one.interactive ?? {};
    const said =
      one.text?.body ?? one.button?.text ?? button_reply?.title ?? list_reply?.title ?? "";
    if (now - Number(one.timestamp) * 1_000 > repeatedMs) return [];
    // An answer could only go to one of a group.
    if (!userId.test(user) || one.group_id || said.trim() === "") return [];
    const who = contacts.find(({ wa_id, user_id }) => wa_id === user || user_id === user);
    const name = who?.profile?.name;
    return {
      id: one.id,
      thread: `${metadata.phone_number_id}/${user}`,
      user: { id: user, ...(name ? { name } : {}) },
      text: said,
    };
  });
}

/** Meta asks once whether the address is the business's own. */
function handshake({ searchParams }: URL, expected: string) {
  const given = searchParams.get("hub.verify_token") ?? "";
  const challenge = searchParams.get("hub.challenge") ?? "";
  const isAsked = searchParams.get("hub.mode") === "subscribe";
  if (!isSameSecret(given, expected) || !isAsked) return undefined;
  if (!/^[\w-]{1,200}$/.test(challenge)) return undefined;
  return { messages: [], answer: new Response(challenge) };
}

/** Too much at once, by app, account, number or receiver; and what Meta calls temporary. */
const passing: ReadonlyMap<string, number> = new Map([
  ...["2", "4", "80007", "130429", "131016"].map((code) => [code, 1_000] as const),
  // One message in six seconds to one receiver, over time.
  ["131056", 6_000],
]);

/**
 * Cloud API, field `messages`: texts, and taps on buttons and lists as their texts. Meta takes an answer
 * within 24 hours of the person's last message (131047 afterwards); a later `statuses` delivery, such as
 * "failed", is not read. https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks
 */
export const whatsapp = definePlatform({
  name: "whatsapp",
  secrets: {
    app_secret: {
      name: "WHATSAPP_APP_SECRET",
      purpose: "App secret of the Meta app: App settings, Basic.",
    },
    verify_token: {
      name: "WHATSAPP_VERIFY_TOKEN",
      purpose: "Any long random text: entered here, and as Verify token beside the callback URL.",
    },
    access_token: {
      name: "WHATSAPP_ACCESS_TOKEN",
      purpose: "Token of a system user with `whatsapp_business_messaging`.",
      hosts: ["graph.facebook.com"],
    },
  },
  longestText: 4_096,
  async receive({ method, url, headers, raw, now }, { app_secret = "", verify_token = "" }) {
    if (method === "GET") return handshake(url, verify_token);
    const body = textOf(raw);
    if (body === undefined || !(await isHubSigned(headers, body, app_secret))) return undefined;
    const { data } = delivered.safeParse(parseJson(raw));
    const values = data?.entry.flatMap(({ changes }) => changes.map((one) => one.value)) ?? [];
    return { messages: values.flatMap((one) => toMessages(one, now)) };
  },
  toRequest({ thread, text: said }, port) {
    const [phone_number_id = "", to = ""] = thread.split("/");
    const content = { type: "text", text: { body: said, preview_url: false } };
    return toPost({ ...addressed, phone_number_id, to }, content, port);
  },
  refusal(status, body) {
    const error = (body as { error?: unknown } | null)?.error;
    const code = idAt(error, "code");
    const words = `${code ?? ""} ${idAt(error, "message") ?? ""}`.trim();
    const refused = refusedByStatus(status, words === "" ? undefined : words);
    const retryAfterMs = passing.get(code ?? "");
    return refused && retryAfterMs !== undefined ? { ...refused, retryAfterMs } : refused;
  },
});

const addressed = { channel: "whatsapp", token: "access_token" } as const;
