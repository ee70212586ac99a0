import { z } from "zod";
import type { ConversationPort } from "#blueprints/node-context";

/**
 * What every channel of `send_message` and `send_proactive` owes: a strict message schema and one HTTP
 * request.
 */
export interface Channel<Message> {
  /** Value of `channel` in the config; the file's name. */
  readonly name: string;
  readonly message: z.ZodType<Message>;
  /** Whether the provider drops a second request that carries the same idempotency key. */
  readonly idempotent: boolean;
  /** Hosts that the request goes to; empty where a `url` secret names its own host. */
  hosts(message: Message): readonly string[];
  secrets(message: Message): readonly string[];
  /** Opens a conversation before the message: its id; undefined: the answer has none. May be repeated. */
  open?(message: Message, port: OpeningPort): Promise<string | undefined>;
  toRequest(message: Message, port: ChannelPort): { url: string; init: RequestInit };
  /** What the provider says went wrong, where that is not (only) the status; undefined: nothing special. */
  refusal?(status: number, body: unknown, port: ChannelPort): Refusal | undefined;
  /** The provider's id of the message, where its answer has one. */
  messageId(body: unknown): string | undefined;
}

export interface ChannelPort {
  /** A handle that the egress swaps for the value of a secret. */
  secret(name: string): string;
  readonly idempotencyKey: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The chat that the run answers in, if any. */
  readonly chat?: ConversationPort;
  /** What `open` gave. */
  readonly conversation?: string;
}

export interface OpeningPort extends ChannelPort {
  /** The body of the answer. @throws UpstreamError as for the message itself */
  exchange(request: { url: string; init: RequestInit }): Promise<unknown>;
}

export interface Refusal {
  /** The provider's own code. */
  readonly reason: string;
  /** Nothing is wrong but that this receiver cannot be reached, or does not want to be. */
  readonly isUnreachable: boolean;
  /** Milliseconds; absent: another attempt would be refused too. */
  readonly retryAfterMs?: number;
}

/** Identity; infers the type of the message and keeps the schema's own. */
export function defineChannel<Schema extends z.ZodType>(
  channel: Channel<z.infer<Schema>> & { readonly message: Schema },
): Channel<z.infer<Schema>> & { readonly message: Schema } {
  return channel;
}

export const secretName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,63}$/, "upper case letters, digits and _, starting with a letter");

/** A POST of one JSON body, with the idempotency key. */
export function jsonPost(
  body: unknown,
  port: ChannelPort,
  headers: Record<string, string> = {},
): RequestInit {
  return {
    method: "POST",
    headers: {
      "content-type": "application/json; charset=utf-8",
      "idempotency-key": port.idempotencyKey,
      ...headers,
    },
    body: JSON.stringify(body),
  };
}

/** The string at `path` of an answer; undefined where anything on the way is missing. */
export function idAt(body: unknown, ...path: (string | number)[]): string | undefined {
  let value: unknown = body;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

/** The first `length` characters, without splitting one. */
export function cut(text: string, length: number): string {
  return Array.from(text).slice(0, length).join("");
}
