import type { ChatMessage, PlatformSecrets } from "#edge/bots/platform";

/** A platform as its vendor runs it: deliveries in the shapes that the vendor documents, signed as there. */
export interface Vendor {
  /** Values of everything that the platform names, and of the bot of somebody else. */
  readonly secrets: PlatformSecrets;
  readonly others: PlatformSecrets;
  /** Whether the signature covers a time. */
  readonly isTimed: boolean;
  /** Whether it covers the body. */
  readonly isBodySigned: boolean;
  /** `seconds` since 1970. */
  sign(body: string, secrets: PlatformSecrets, seconds: number): Promise<Record<string, string>>;
  /** A person writes to the bot; `number` tells one message from another. */
  message(text: string, number?: number): object;
  /** What it is read as. */
  readonly read: Pick<ChatMessage, "thread" | "user">;
  /** More of what people do, and how it is read. */
  readonly also: Readonly<Record<string, { readonly body: object; readonly read: object[] }>>;
  /** Genuine, and nothing to answer. */
  readonly ignored: Readonly<Record<string, object>>;
  readonly handshake?: Handshake;
  /** Where `read.thread` leads to; a secret stands there as `<role>`. */
  readonly sends: { readonly url: RegExp; body(text: string): object };
  /** Where all that is sent goes, and what it says. */
  readonly host: string;
  saidIn(body: Record<string, unknown>): unknown;
  /** Answers of the vendor, and what they mean; the first: taken. */
  readonly refusals: readonly (readonly [number, unknown, object | undefined])[];
}

export interface Handshake {
  readonly method: "GET" | "POST";
  readonly query?: string;
  /** The secret that ends the query. */
  readonly role?: string;
  readonly body?: object;
  readonly answer: string;
}
