import { z } from "zod";
import { defineNode } from "#blueprints/node";
import { channelOf, messageOrReply, requirementsOf, sendMessage as send } from "./support/send.ts";

const output = z.object({
  channel: z.string(),
  status: z.number().describe("HTTP status of the provider."),
  message_id: z.string().optional(),
});

/** One message to one channel; each channel is a file in `support/channels/`. */
export const sendMessage = defineNode({
  type: "send_message",
  title: "Send a message",
  summary:
    "Sends a message to Slack, Discord, Telegram, WhatsApp, e-mail, any webhook or the bot's own chat.",
  description:
    "`channel` decides the other fields. `slack`, `discord` and `webhook` take `webhook`, the name of a " +
    "secret of kind `url`; `telegram`, `whatsapp` and `email` (Resend) take `token`, the name of a " +
    "secret. `conversation` takes nothing but `text`: it goes into the chat of the bot that the run is " +
    "started by; what the run gives is said there anyway. `text` is the message, with templates. Rate limits and failing servers are retried as the " +
    "node's `retry` says. A chat platform cannot tell a repeated message from a second one: if the " +
    "platform dies in the very moment of sending, the step follows `on_uncertain` instead of sending " +
    "twice. Output: `channel`, `status` and, where the provider gives one, `message_id`.",
  config: messageOrReply,
  output,
  ports: () => ["next"],
  effect: (wanted) => (channelOf(wanted).idempotent ? "idempotent" : "external"),
  requires: (wanted) => ({
    ...requirementsOf([wanted]),
    conversation: wanted.channel === "conversation",
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
      title: "Say something before the answer",
      config: { channel: "conversation", text: "One moment: I look for {{ input.message }}." },
      input: { message: "invoice 7" },
      around: {
        nodes: [{ id: "start", type: "trigger", config: { source: "bot" } }],
        edges: [{ from: "start", to: "step" }],
      },
      expect: { port: "next", output: { channel: "conversation", status: 200 } },
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
  async run(context, wanted) {
    return { output: await send(context, wanted) };
  },
});
