import { Stripe } from "stripe";
import { isFresh, type Sender, textOf } from "./sender.ts";

/** Seconds that the signed time may lie back. */
const tolerance = 300;

/**
 * https://docs.stripe.com/webhooks#verify-manually, checked by Stripe's own library, which accepts any
 * of several `v1` while a secret is being rotated.
 */
export const stripe: Sender = {
  name: "stripe",
  async verify({ headers, raw, now }, secret) {
    const header = headers.get("stripe-signature") ?? "";
    const text = textOf(raw);
    // The library refuses what is too old; what is signed for a time to come is refused here.
    const signedAt = /(?:^|,)\s*t=(\d+)/.exec(header)?.[1];
    if (text === undefined || !isFresh(signedAt, now)) return undefined;
    const provider = Stripe.createSubtleCryptoProvider();
    const { webhooks } = Stripe;
    try {
      const check = [text, header, secret, tolerance, provider, now] as const;
      const { id } = await webhooks.constructEventAsync(...check);
      return typeof id === "string" ? { id } : {};
    } catch (error) {
      if (error instanceof Stripe.errors.StripeSignatureVerificationError) return undefined;
      // Signed, but no JSON: the route says so.
      if (error instanceof SyntaxError) return {};
      throw error;
    }
  },
};
