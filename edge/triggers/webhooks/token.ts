import { bearer } from "#edge/identity/bearer";
import { bytesOf, type Sender } from "./sender.ts";

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytesOf(text)));
}

/**
 * A sender that can do no more than send a fixed token, as `Authorization: Bearer` or
 * `x-webhook-token`. With `idempotency-key` or `x-delivery-id` a repeated delivery is dropped.
 */
export const token: Sender = {
  name: "token",
  async verify({ headers }, secret) {
    const sent = headers.get("x-webhook-token") ?? bearer(new Request("https://x", { headers }));
    if (!sent) return undefined;
    // Hashes of equal length: the comparison says nothing about how much was right.
    const [one, two] = [await digest(sent), await digest(secret)];
    if (!crypto.subtle.timingSafeEqual(one, two)) return undefined;
    const id = headers.get("idempotency-key") ?? headers.get("x-delivery-id");
    return id === null ? {} : { id };
  },
};
