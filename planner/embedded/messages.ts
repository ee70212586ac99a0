import type { Integration } from "../vocabulary/integration.ts";
import { type Build, type Graph, needSecret, secretName } from "./graph.ts";
import { addServiceCall, connect, decide } from "./services.ts";
import { bestWay } from "./ways.ts";

/** What is said, and the headline where the channel has one. */
export interface Message {
  readonly id: string;
  readonly title: string;
  readonly subject: string;
  readonly text: string;
  /** The intent did not name the channel. */
  readonly assumed?: boolean;
  /** Minutes until it is sent; absent: at once. */
  readonly after?: number;
  /** To a person rather than to a channel, where the platform tells them apart. */
  readonly direct?: boolean;
}

/**
 * A message as a step sends it beside its own work, to people who decide: one of them by e-mail where
 * the address is known. Undefined: messages to this service are calls of its API.
 */
export function messageTo(
  build: Build,
  integration: Integration,
  { subject, text, address }: { subject: string; text: string; address?: string },
): Record<string, unknown> | undefined {
  const { id, category } = integration;
  if (category === "email") {
    const whom = "Who gets the e-mails that ask for a decision.";
    const { config, secret } = mailTo(
      build,
      subject,
      () => address ?? decide(build, "reviewer_email", whom, "reviewers@example.com"),
    );
    connect(build, integration, false, secret);
    return { ...config, text };
  }
  if (byCall.has(id)) return undefined;
  const { config, secret } = (byId[id] ?? toWebhook)(build, integration, subject);
  connect(build, integration, false, secret);
  return { ...config, text };
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
  const { text, id, title, subject, after } = message;
  const atOnce = () => {
    if (after === undefined) return;
    build.warnings.push(`The message of step "${id}" is sent at once: it cannot be put off here.`);
  };
  if (byCall.has(integration.id) && !message.assumed) {
    atOnce();
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
  const directly = after === undefined && message.direct ? toPerson[integration.id] : undefined;
  if (directly && Object.hasOwn(build.catalogue, "send_proactive")) {
    const { config, secret } = directly(build, integration, subject);
    connect(build, integration, message.assumed === true, secret);
    return graph.add("send_proactive", id, { ...config, text }, title);
  }
  const address = byId[integration.id] ?? (integration.category === "email" ? toMail : toWebhook);
  const { config, secret } = address(build, integration, subject);
  connect(build, integration, message.assumed === true, secret);
  const send = () => {
    atOnce();
    return graph.add("send_message", id, { ...config, text }, title);
  };
  const sending = { needs: ["send_message"], write: send };
  if (after === undefined) return sending.write();
  const putOff = { message: { ...config, text }, delay_minutes: after };
  const schedule = () => graph.add("schedule_message", id, putOff, title);
  return bestWay(build.catalogue, [{ needs: ["schedule_message"], write: schedule }, sending])();
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

function mailTo(build: Build, subject: string, to: () => string): Addressed {
  const host = "api.resend.com";
  const secret = needSecret(build, "RESEND_API_KEY", "Resend API key that sends the e-mail.", {
    host,
  });
  const sender = "Sender of the e-mails, of a verified domain.";
  const from = decide(build, "email_from", sender, "Aerostack <hello@example.com>");
  return {
    secret,
    config: { channel: "email", token: secret, from, to: to(), subject: subject.slice(0, 200) },
  };
}

const toMail: Address = (build, _, subject) =>
  mailTo(build, subject, () =>
    decide(build, "email_to", "Who gets the e-mails.", "team@example.com"),
  );

const toWebhook: Address = (build, { id, name }) => {
  const purpose = `URL that takes messages for ${name}.`;
  const secret = needSecret(build, secretName(id, "WEBHOOK_URL"), purpose, { kind: "url" });
  return { secret, config: { channel: "webhook", webhook: secret } };
};

/** A direct message of a bot, by what the platform calls its API. */
function directAt(host: string, whom: string, standIn: string): Address {
  return (build, { id, name }) => {
    const purpose = `Token of the ${name} bot that writes the direct messages.`;
    const secret = needSecret(build, secretName(id, "BOT_TOKEN"), purpose, { host });
    const user = decide(build, `${id}_user`, `Who gets the ${name} messages: ${whom}.`, standIn);
    return { secret, config: { channel: id, token: secret, user } };
  };
}

const toPerson: Readonly<Record<string, Address>> = {
  slack: directAt("slack.com", "a user's id or e-mail address", "someone@example.com"),
  discord: directAt("discord.com", "a user's id", "100000000000000000"),
};

/** Named mail and SMS providers that `send_message` has no channel for: their own API. */
const byCall: ReadonlySet<string> = new Set(["gmail", "outlook", "sendgrid", "twilio"]);

const byId: Readonly<Record<string, Address>> = {
  slack: toChannelWebhook,
  discord: toChannelWebhook,
  telegram: toTelegram,
  whatsapp: toWhatsApp,
};
