import { z } from "zod";
import { BugError, UpstreamError } from "#blueprints/error";
import { defineNode } from "#blueprints/node";
import type { NodeContext } from "#blueprints/node-context";
import type { Channel } from "./support/channel.ts";
import { proactive } from "./support/proactive/index.ts";
import { openConversation, sendThrough } from "./support/send.ts";

const config = z.discriminatedUnion("channel", [
  proactive.slack.message,
  proactive.discord.message,
  proactive.telegram.message,
  proactive.whatsapp.message,
  proactive.email.message,
]);
type Config = z.infer<typeof config>;

const output = z.object({
  channel: z.string(),
  status: z.number().describe("HTTP status of the provider."),
  message_id: z.string().optional(),
  conversation: z.string().optional().describe("Id to go on with, where the platform has one."),
});

function channelOf({ channel: name }: Config): Channel<Config> {
  const channel = proactive[name] as Channel<Config> | undefined;
  if (channel !== undefined) return channel;
  throw new BugError("send-proactive.unknown-channel", `No channel "${name}".`);
}

/** A recorded step: a restart finds the conversation that was opened. */
async function open(
  context: NodeContext,
  channel: Channel<Config>,
  wanted: Config,
): Promise<string | undefined> {
  if (channel.open === undefined) return undefined;
  const opened = await context.substep("open", { effect: "idempotent" }, async (inner) => {
    return (await openConversation(inner, channel, wanted)) ?? null;
  });
  if (opened !== null) return opened;
  // A stub need not know what a platform would answer.
  if (context.standIn) return "conversation";
  throw new UpstreamError("message.no-conversation", `${channel.name} opened no conversation.`, {
    fix: "Check the receiver's id and what the bot is allowed to do.",
  });
}

/** A first message to somebody who is not in a conversation now; one file a platform in `support/proactive/`. */
export const sendProactive = defineNode({
  type: "send_proactive",
  title: "Start a conversation",
  summary: "Writes first: a direct message or channel message as a bot, a WhatsApp template.",
  description:
    "For a known user or channel that has not just written; to answer or to post by a webhook take " +
    "`send_message`. `channel` decides the other fields. `slack` and `discord`: a bot's `token` and `user` " +
    "(Slack: id or e-mail address), with whom a direct conversation is opened, or `conversation`, the id of " +
    "a channel. `telegram`: `chat`, of somebody who has started the bot. `whatsapp`: an approved `template` " +
    "with `language` and `parameters`, the only thing allowed outside the 24-hour window. `email`: an " +
    "address. Who cannot be reached (unknown, left, has blocked the bot) fails with `message.unreachable`, " +
    "everything else that a platform refuses with `message.refused`; rate limits are waited for. Output: " +
    "`channel`, `status`, `message_id`, `conversation`.",
  config,
  output,
  ports: () => ["next"],
  // Opening twice finds the same conversation; the message is a sub-step with an effect of its own.
  effect: () => "idempotent",
  requires: (wanted) => {
    const channel = channelOf(wanted);
    return { secrets: channel.secrets(wanted), hosts: channel.hosts(wanted) };
  },
  examples: [
    {
      title: "Tell the person on call",
      config: {
        channel: "slack",
        token: "SLACK_BOT_TOKEN",
        user: "{{ input.on_call }}",
        text: "{{ input.service }} is down.",
      },
      input: { on_call: "ada@example.com", service: "checkout" },
      stubs: [
        {
          match: "slack.com",
          body: { ok: true, user: { id: "U1" }, channel: { id: "D1" }, ts: "1.2" },
        },
      ],
      expect: {
        port: "next",
        output: { channel: "slack", status: 200, message_id: "1.2", conversation: "D1" },
      },
    },
    {
      title: "Remind of an appointment by WhatsApp",
      config: {
        channel: "whatsapp",
        token: "WHATSAPP_TOKEN",
        phone_number_id: "1000000000",
        to: "{{ input.phone }}",
        template: "appointment_reminder",
        language: "en_US",
        parameters: ["{{ input.name }}", "{{ input.time }}"],
      },
      input: { phone: "+15550100", name: "Ada", time: "9:00" },
      expect: { port: "next", output: { channel: "whatsapp", status: 200 } },
    },
  ],
  async run(context, wanted) {
    const channel = channelOf(wanted);
    const conversation = await open(context, channel, wanted);
    const effect = channel.idempotent ? "idempotent" : "external";
    const sent = await context.substep("send", { effect }, (inner) =>
      sendThrough(inner, channel, wanted, conversation),
    );
    return { output: { ...sent, ...(conversation === undefined ? {} : { conversation }) } };
  },
});
