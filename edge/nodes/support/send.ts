import { z } from "zod";
import { BugError } from "#blueprints/error";
import type { NodeContext } from "#blueprints/node-context";
import type { Channel } from "./channel.ts";
import { channels } from "./channels/index.ts";
import { readBody, unexpectedAnswer } from "./http.ts";

/** A message to any channel; `channel` decides the other fields. */
export const message = z.discriminatedUnion("channel", [
  channels.slack.message,
  channels.discord.message,
  channels.telegram.message,
  channels.whatsapp.message,
  channels.email.message,
  channels.webhook.message,
]);
export type Message = z.infer<typeof message>;

export function channelOf({ channel: name }: Message): Channel<Message> {
  const channel = channels[name] as Channel<Message> | undefined;
  if (channel !== undefined) return channel;
  throw new BugError("send-message.unknown-channel", `No channel "${name}".`);
}

/** What messages to these channels refer to. */
export function requirementsOf(messages: readonly Message[]) {
  return {
    secrets: messages.flatMap((one) => channelOf(one).secrets(one)),
    hosts: messages.flatMap((one) => channelOf(one).hosts(one)),
  };
}

/** @throws UpstreamError `http.unexpected-status`, `http.rate-limited` */
export async function sendMessage(
  context: NodeContext,
  one: Message,
): Promise<{ channel: string; status: number; message_id?: string }> {
  const channel = channelOf(one);
  const { url, init } = channel.toRequest(one, {
    secret: (name) => context.secret(name),
    idempotencyKey: context.step.idempotencyKey,
  });
  const response = await context.fetch(url, init);
  const body = await readBody(response);
  if (!response.ok) throw unexpectedAnswer(channel.name, response, body, context.now());
  const id = channel.messageId(body);
  return {
    channel: channel.name,
    status: response.status,
    ...(id === undefined ? {} : { message_id: id }),
  };
}
