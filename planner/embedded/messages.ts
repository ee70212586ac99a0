import type { Integration } from "../vocabulary/integration.ts";
import { type Build, type Graph, needSecret, secretName } from "./graph.ts";
import { addServiceCall, connect, decide } from "./services.ts";

/** What is said, and the headline where the channel has one. */
export interface Message {
  readonly id: string;
  readonly title: string;
  readonly subject: string;
  readonly text: string;
  /** The intent did not name the channel. */
  readonly assumed?: boolean;
}

interface Addressed {
  readonly config: Record<string, unknown>;
  readonly secret: string;
}

/** A `send_message` step; chat platforms without a channel of their own get a webhook message. */
export function addMessage(
  build: Build,
  graph: Graph,
  integration: Integration,
  message: Message,
): string {
  const { text, id, title, subject } = message;
  if (byCall.has(integration.id) && !message.assumed) {
    const said = graph.text ?? graph.data;
    return addServiceCall(build, graph, integration, {
      direction: "write",
      id,
      title,
      subject,
      text,
      body: { text: `{{ ${said} }}` },
    });
  }
  const address = byId[integration.id] ?? (integration.category === "email" ? toMail : toWebhook);
  const { config, secret } = address(build, integration, subject);
  connect(build, integration, message.assumed === true, secret);
  return graph.add("send_message", id, { ...config, text }, title);
}

type Address = (build: Build, integration: Integration, subject: string) => Addressed;

const toChannelWebhook: Address = (build, { id, name }) => {
  const purpose = `Incoming webhook of the ${name} channel that gets the messages.`;
  const secret = needSecret(build, secretName(id, "WEBHOOK_URL"), purpose, { kind: "url" });
  return { secret, config: { channel: id, webhook: secret } };
};

const toTelegram: Address = (build) => {
  const host = "api.telegram.org";
  const purpose = "Token of the Telegram bot, from @BotFather.";
  const secret = needSecret(build, "TELEGRAM_BOT_TOKEN", purpose, { host });
  const what = "Chat id or @channel that gets the Telegram messages.";
  const chat = decide(build, "telegram_chat", what, "@your_channel");
  return { secret, config: { channel: "telegram", token: secret, chat } };
};

const toWhatsApp: Address = (build) => {
  const host = "graph.facebook.com";
  const purpose = "Access token of the WhatsApp Cloud API.";
  const secret = needSecret(build, "WHATSAPP_TOKEN", purpose, { host });
  const sender = "Phone number id of the sender in WhatsApp.";
  const receiver = "Number that gets the WhatsApp messages.";
  return {
    secret,
    config: {
      channel: "whatsapp",
      token: secret,
      phone_number_id: decide(build, "whatsapp_phone_number_id", sender, "1000000000"),
      to: decide(build, "whatsapp_to", receiver, "+10000000000"),
    },
  };
};

const toMail: Address = (build, _, subject) => {
  const host = "api.resend.com";
  const secret = needSecret(build, "RESEND_API_KEY", "Resend API key that sends the e-mail.", {
    host,
  });
  const sender = "Sender of the e-mails, of a verified domain.";
  return {
    secret,
    config: {
      channel: "email",
      token: secret,
      from: decide(build, "email_from", sender, "Aerostack <hello@example.com>"),
      to: decide(build, "email_to", "Who gets the e-mails.", "team@example.com"),
      subject: subject.slice(0, 200),
    },
  };
};

const toWebhook: Address = (build, { id, name }) => {
  const purpose = `URL that takes messages for ${name}.`;
  const secret = needSecret(build, secretName(id, "WEBHOOK_URL"), purpose, { kind: "url" });
  return { secret, config: { channel: "webhook", webhook: secret } };
};

/** Named mail and SMS providers that `send_message` has no channel for: their own API. */
const byCall: ReadonlySet<string> = new Set(["gmail", "outlook", "sendgrid", "twilio"]);

const byId: Readonly<Record<string, Address>> = {
  slack: toChannelWebhook,
  discord: toChannelWebhook,
  telegram: toTelegram,
  whatsapp: toWhatsApp,
};
