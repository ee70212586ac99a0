import { z } from "zod";
import { BugError } from "#blueprints/error";
import { defineNode } from "#blueprints/node";
import type { Channel } from "./support/channel.ts";
import { channels } from "./support/channels/index.ts";
import { readBody, unexpectedAnswer } from "./support/http.ts";

const config = z.discriminatedUnion("channel", [
  channels.slack.message,
  channels.discord.message,
  channels.telegram.message,
  channels.whatsapp.message,
  channels.email.message,
  channels.webhook.message,
]);

type Message = z.infer<typeof config>;

const output = z.object({
  channel: z.string(),
  status: z.number().describe("HTTP status of the provider."),
  message_id: z.string().optional(),
});

function channelOf(message: Message): Channel<Message> {
  const channel = channels[message.channel] as Channel<Message> | undefined;
  if (channel !== undefined) return channel;
  throw new BugError("send-message.unknown-channel", `No channel "${message.channel}".`);
}

/** One message to one channel; each channel is a file in `support/channels/`. */
export const sendMessage = defineNode({
  type: "send_message",
  title: "Send a message",
  summary: "Sends a message to Slack, Discord, Telegram, WhatsApp, e-mail or any webhook.",
  description:
    "`channel` decides the other fields. `slack`, `discord` and `webhook` take `webhook`, the name of a " +
    "secret of kind `url`; `telegram`, `whatsapp` and `email` (Resend) take `token`, the name of a " +
    "secret. `text` is the message, with templates. Rate limits and failing servers are retried as the " +
    "node's `retry` says. A chat platform cannot tell a repeated message from a second one: if the " +
    "platform dies in the very moment of sending, the step follows `on_uncertain` instead of sending " +
    "twice. Output: `channel`, `status` and, where the provider gives one, `message_id`.",
  config,
  output,
  ports: () => ["next"],
  effect: (message) => (channelOf(message).idempotent ? "idempotent" : "external"),
  requires: (message) => ({
    secrets: channelOf(message).secrets(message),
    hosts: channelOf(message).hosts(message),
  }),
  examples: [
    {
      title: "Tell sales in Slack",
      config: {
        channel: "slack",
        webhook: "SLACK_WEBHOOK_URL",
        text: "New lead: {{ input.email }}",
      },
      input: { email: "ada@example.com" },
      expect: { port: "next", output: { channel: "slack", status: 200 } },
    },
    {
      title: "Write an e-mail",
      config: {
        channel: "email",
        token: "RESEND_API_KEY",
        from: "Aerostack <hello@example.com>",
        to: "{{ input.email }}",
        subject: "Welcome",
        text: "Hello {{ input.name }}",
      },
      input: { email: "ada@example.com", name: "Ada" },
      expect: { port: "next", output: { channel: "email", status: 200 } },
    },
  ],
  async run(context, message) {
    const channel = channelOf(message);
    const { url, init } = channel.toRequest(message, {
      secret: (name) => context.secret(name),
      idempotencyKey: context.step.idempotencyKey,
    });
    const response = await context.fetch(url, init);
    const body = await readBody(response);
    if (!response.ok) throw unexpectedAnswer(channel.name, response, body, context.now());
    const id = channel.messageId(body);
    return {
      output: {
        channel: channel.name,
        status: response.status,
        ...(id === undefined ? {} : { message_id: id }),
      },
    };
  },
});
