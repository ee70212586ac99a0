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

/** Whether `signature` is the HMAC-SHA256 of the parts under `key`; takes the same time either way. */
export async function isSigned(
  key: Uint8Array<ArrayBuffer>,
  parts: readonly (string | Uint8Array<ArrayBuffer>)[],
  signature: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  if (key.byteLength === 0) return false;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["verify"]);
  const message = new Uint8Array(await new Blob([...parts]).arrayBuffer());
  return crypto.subtle.verify(algorithm, imported, signature, message);
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text));
}

/** The id of a delivery whose signature covers the body alone: who repeats one cannot alter it. */
export async function idOfBody(raw: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", raw);
  return `sha256:${Buffer.from(digest).toString("hex")}`;
}
