import { Buffer } from "node:buffer";

const encode = (part: string) => new TextEncoder().encode(part);

/** HMAC-SHA-256 in hex, under a key that is derived (HKDF) from a secret for this purpose alone. */
export async function digestWith(secret: string, text: string): Promise<string> {
  const material = await crypto.subtle.importKey("raw", encode(secret), "HKDF", false, [
    "deriveKey",
  ]);
  const key = await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: encode("aerostack challenge") },
    material,
    { name: "HMAC", hash: "SHA-256", length: 256 },
    false,
    ["sign"],
  );
  return Buffer.from(await crypto.subtle.sign("HMAC", key, encode(text))).toString("hex");
}
