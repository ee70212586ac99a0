import { z } from "zod";
import { BugError, UpstreamError } from "#blueprints/error";
import type { NodeContext } from "#blueprints/node-context";
import type { Channel, ChannelPort, Refusal } from "./channel.ts";
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

/** The same, or into the chat that the run answers in. */
export const messageOrReply = z.discriminatedUnion("channel", [
  ...message.options,
  channels.conversation.message,
]);
type MessageOrReply = z.infer<typeof messageOrReply>;

export function channelOf<One extends MessageOrReply>({ channel: name }: One): Channel<One> {
  const channel = channels[name] as unknown as Channel<One> | undefined;
  if (channel !== undefined) return channel;
  throw new BugError("send-message.unknown-channel", `No channel "${name}".`);
}

/** What messages to these channels refer to. */
export function requirementsOf(messages: readonly MessageOrReply[]) {
  return {
    secrets: messages.flatMap((one) => channelOf(one).secrets(one)),
    hosts: messages.flatMap((one) => channelOf(one).hosts(one)),
  };
}

/** @throws UpstreamError `http.unexpected-status`, `http.rate-limited`, `message.*` */
export function sendMessage(context: NodeContext, one: MessageOrReply): Promise<Sent> {
  return sendThrough(context, channelOf(one), one);
}

export interface Sent {
  readonly channel: string;
  readonly status: number;
  readonly message_id?: string;
}

/** The message itself, into the conversation where one was opened. @throws as `sendMessage` */
export async function sendThrough<One>(
  context: NodeContext,
  channel: Channel<One>,
  one: One,
  conversation?: string,
): Promise<Sent> {
  const opened = conversation === undefined ? {} : { conversation };
  const request = channel.toRequest(one, { ...portOf(context), ...opened });
  const { status, body } = await exchange(context, channel, request);
  const id = channel.messageId(body);
  return { channel: channel.name, status, ...(id === undefined ? {} : { message_id: id }) };
}

/** The conversation that the message goes to, where the channel opens one. @throws as `sendMessage` */
export async function openConversation<One>(
  context: NodeContext,
  channel: Channel<One>,
  one: One,
): Promise<string | undefined> {
  return channel.open?.(one, {
    ...portOf(context),
    exchange: async (request) => (await exchange(context, channel, request)).body,
  });
}

function portOf(context: NodeContext): ChannelPort {
  return {
    secret: (name) => context.secret(name),
    idempotencyKey: context.step.idempotencyKey,
    now: context.now(),
    ...(context.conversation ? { chat: context.conversation } : {}),
  };
}

async function exchange(
  context: NodeContext,
  { name, refusal }: Pick<Channel<never>, "name" | "refusal">,
  { url, init }: { url: string; init: RequestInit },
): Promise<{ status: number; body: unknown }> {
  const response = await context.fetch(url, init);
  const body = await readBody(response);
  const refused =
    response.status === 429 ? undefined : refusal?.(response.status, body, portOf(context));
  if (refused) throw refusedBy(name, refused);
  if (!response.ok) throw unexpectedAnswer(name, response, body, context.now());
  return { status: response.status, body };
}

function refusedBy(channel: string, { reason, isUnreachable, retryAfterMs }: Refusal) {
  return new UpstreamError(
    isUnreachable ? "message.unreachable" : "message.refused",
    `${channel} refused: ${reason.slice(0, 200)}`,
    {
      fix: isUnreachable
        ? "Check the receiver: they may have to write first, or have blocked the sender."
        : "Check the credential, its permissions and the message.",
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  );
}
