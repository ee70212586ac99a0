import { Buffer } from "node:buffer";

/** One HTTP request of a sender, before anything in it is believed. */
export interface Delivery {
  readonly headers: Headers;
  /** The raw body: signatures are over exactly these bytes. */
  readonly raw: Uint8Array<ArrayBuffer>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface Accepted {
  /**
   * What tells this delivery from others; the same id starts no second run while the first is kept.
   * Part of what was signed, where anything is. Absent: every delivery counts.
   */
  readonly id?: string;
  /** Added to the run's input, where the body does not say it. */
  readonly about?: Readonly<Record<string, string>>;
}

/** What every sender owes; one file each, named as in the blueprint. */
export interface Sender {
  readonly name: string;
  /** Undefined: the delivery is not from the sender, or too old. `secret` is what it signs with. */
  verify(delivery: Delivery, secret: string): Promise<Accepted | undefined>;
}

/** Milliseconds that a signed timestamp may be off. */
const tolerance = 300_000;

export function isFresh(seconds: string | null | undefined, now: number): boolean {
  if (!seconds || !/^\d{1,12}$/.test(seconds)) return false;
  return Math.abs(now - Number(seconds) * 1000) <= tolerance;
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text));
}

/** The body as text; undefined where it is not UTF-8, which none of the senders of text sends. */
export function textOf(raw: Uint8Array<ArrayBuffer>): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    return undefined;
  }
}

/** The id of a delivery whose signature covers the body alone: who repeats one cannot alter it. */
export async function idOfBody(raw: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", raw);
  return `sha256:${Buffer.from(digest).toString("hex")}`;
}
