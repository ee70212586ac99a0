import { z } from "zod";
import { ConfigurationError } from "#blueprints/error";
import type { ConversationPort } from "#blueprints/node-context";
import type { Platform } from "#edge/bots/platform";
import { platforms } from "#edge/bots/platforms/index";
import { type ChannelPort, cut, defineChannel } from "#edge/nodes/support/channel";

interface Chat {
  readonly conversation: ConversationPort;
  readonly platform: Platform;
}

/** @throws ConfigurationError `conversation.none` */
function chatOf({ chat: conversation }: Pick<ChannelPort, "chat">): Chat {
  const platform = conversation && platforms[conversation.platform];
  if (platform) return { conversation, platform };
  throw new ConfigurationError("conversation.none", "This run answers in no conversation.", {
    fix: "Let a bot start it, or send to another channel.",
  });
}

export const conversation = defineChannel({
  name: "conversation",
  message: z.strictObject({
    channel: z.literal("conversation"),
    text: z.string().min(1).describe("Plain text; what the platform takes in one message is sent."),
  }),
  idempotent: false,
  hosts: () => [],
  secrets: () => [],
  toRequest({ text }, port) {
    const { conversation: to, platform } = chatOf(port);
    const { thread, replyTo } = to;
    return platform.toRequest(
      {
        thread,
        text: cut(text, platform.longestText),
        ...(replyTo === undefined ? {} : { replyTo }),
      },
      {
        secret: (role) => to.secret(role),
        idempotencyKey: port.idempotencyKey,
        now: port.now,
      },
    );
  },
  refusal(status, body, port) {
    const refusal = chatOf(port).platform.refusal(status, body);
    return refusal && { ...refusal, isUnreachable: false };
  },
  messageId: () => undefined,
});
