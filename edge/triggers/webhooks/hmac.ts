import { Buffer } from "node:buffer";
import { bytesOf, idOfBody, type Sender } from "./sender.ts";

/**
 * Any sender that signs the raw body: `x-signature-256: sha256=<hex>` (or `x-signature`), HMAC-SHA256.
 * Nothing but the body is signed, so the body tells deliveries apart: one that happens again needs
 * something new in it, such as a time or a number.
 */
export const hmac: Sender = {
  name: "hmac",
  async verify({ headers, raw }, secret) {
    const header = headers.get("x-signature-256") ?? headers.get("x-signature") ?? "";
    const hex = /^(?:sha256=)?([0-9a-f]{64})$/i.exec(header)?.[1];
    if (hex === undefined) return undefined;
    const signature = new Uint8Array(Buffer.from(hex, "hex"));
    if (!(await isSigned(bytesOf(secret), raw, signature))) return undefined;
    return { id: await idOfBody(raw) };
  },
};

/** Whether `signature` is the HMAC-SHA256 of the body under `key`; takes the same time either way. */
async function isSigned(
  key: Uint8Array<ArrayBuffer>,
  raw: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  if (key.byteLength === 0) return false;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["verify"]);
  return crypto.subtle.verify(algorithm, imported, signature, raw);
}
