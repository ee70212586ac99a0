/** One HTTP request of a chat platform, before anything in it is believed. */
export interface Delivery {
  readonly method: "GET" | "POST";
  readonly url: URL;
  readonly headers: Headers;
  /** The raw body: signatures are over exactly these bytes. */
  readonly raw: Uint8Array<ArrayBuffer>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What a delivery that is really from the platform brings. */
export interface Received {
  /** In the order in which they were written; empty: a handshake, a receipt, a message of a bot. */
  readonly messages: readonly ChatMessage[];
  /** What the platform wants to hear; absent: 200 without a body. */
  readonly answer?: Response;
}

export interface ChatMessage {
  /** The platform's id of it: what comes twice under one id counts once. Part of what was signed. */
  readonly id: string;
  /** Where the answer goes, as `toRequest` reads it: a chat, or a thread of a channel. */
  readonly thread: string;
  readonly user: { readonly id: string; readonly name?: string };
  readonly text: string;
  /**
   * What an answer needs beside the thread, in parts between `/` that no trace shows: the newest of a
   * thread comes back to `toRequest`.
   */
  readonly replyTo?: string;
  /** Written among people, not to the bot: it counts only where a conversation is under way. */
  readonly isOverheard?: true;
}

/** By role, as `Platform.secrets` names them. */
export type PlatformSecrets<Role extends string = string> = Readonly<Record<Role, string>>;

/** A secret that a bot on this platform needs. */
export interface PlatformSecret {
  /** Its name in the workspace, unless the bot names another one. */
  readonly name: string;
  /** For who enters it: where it is found. */
  readonly purpose: string;
  /** Absent: it never leaves, it verifies. */
  readonly hosts?: readonly string[];
}

/** What every chat platform owes; one file each, named as in a blueprint's `platforms`. */
export interface Platform<Role extends string = string> {
  readonly name: string;
  readonly secrets: Readonly<Record<Role, PlatformSecret>>;
  /** Characters of one message; a longer text is sent in several. */
  readonly longestText: number;
  /** Undefined: not from the platform, or too old. Only the values of secrets without `hosts` come. */
  receive(delivery: Delivery, secrets: PlatformSecrets): Promise<Received | undefined>;
  /** One message into a thread. `secret` gives a handle that the egress swaps for the value. */
  toRequest(
    message: { readonly thread: string; readonly text: string; readonly replyTo?: string },
    port: { secret(role: Role): string; readonly idempotencyKey: string; readonly now: number },
  ): { readonly url: string; readonly init: RequestInit };
  /** What its answer says went wrong; undefined: it was taken. */
  refusal(status: number, body: unknown): PlatformRefusal | undefined;
}

export interface PlatformRefusal {
  /** The platform's own code or words. */
  readonly reason: string;
  /** Milliseconds; absent: another attempt would be refused too. */
  readonly retryAfterMs?: number;
}

/** Identity; infers the roles. */
export function definePlatform<Role extends string>(platform: Platform<Role>): Platform<Role> {
  return platform;
}
