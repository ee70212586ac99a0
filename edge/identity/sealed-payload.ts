import { Buffer } from "node:buffer";
import { BugError } from "#blueprints/error";

const ivBytes = 12;

/**
 * Encrypts what a ticket carries, with AES-256-GCM under a key derived (HKDF-SHA256) from the
 * ticket itself: the database, which knows only the ticket's hash, cannot reveal it.
 *
 * `context` is authenticated but not stored; `openPayload` fails for any other. Answers base64url
 * of IV and ciphertext.
 */
export async function sealPayload(
  ticket: string,
  context: string,
  payload: unknown,
): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: encode(context) },
    await deriveKey(ticket),
    encode(JSON.stringify(payload)),
  );
  return Buffer.concat([iv, new Uint8Array(sealed)]).toString("base64url");
}

/** The reverse. Throws `ticket.unreadable` where the row is not what was sealed. */
export async function openPayload(
  ticket: string,
  context: string,
  sealed: string,
): Promise<unknown> {
  const bytes = Uint8Array.from(Buffer.from(sealed, "base64url"));
  const iv = bytes.subarray(0, ivBytes);
  try {
    const opened = await crypto.subtle.decrypt(
      { name: "AES-GCM", iv, additionalData: encode(context) },
      await deriveKey(ticket),
      bytes.subarray(ivBytes),
    );
    return JSON.parse(new TextDecoder().decode(opened)) as unknown;
  } catch (cause) {
    throw new BugError("ticket.unreadable", "What the ticket carries does not fit it.", { cause });
  }
}

async function deriveKey(ticket: string): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", encode(ticket), "HKDF", false, [
    "deriveKey",
  ]);
  return crypto.subtle.deriveKey(
    {
      name: "HKDF",
      hash: "SHA-256",
      salt: new Uint8Array(0),
      info: encode("aerostack ticket payload"),
    },
    material,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(new TextEncoder().encode(text));
}
