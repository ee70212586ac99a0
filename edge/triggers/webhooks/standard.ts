import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { ConfigurationError } from "#blueprints/error";
import { isFresh, type Sender, textOf } from "./sender.ts";

/**
 * https://www.standardwebhooks.com, checked by the library of those who wrote the standard; Svix sends
 * the same under names of its own.
 */
export const standard: Sender = {
  name: "standard",
  async verify({ headers, raw, now }, secret) {
    const header = (name: string) =>
      headers.get(`webhook-${name}`) ?? headers.get(`svix-${name}`) ?? "";
    const [id, timestamp, signature] = [header("id"), header("timestamp"), header("signature")];
    const text = textOf(raw);
    if (!id || text === undefined || !isFresh(timestamp, now)) return undefined;
    const signed = {
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": signature,
    };
    try {
      keyOf(secret).verify(text, signed, { jsonParse: false });
      return { id };
    } catch (error) {
      if (error instanceof WebhookVerificationError) return undefined;
      throw error;
    }
  },
};

/** @throws ConfigurationError `webhook.bad-secret` */
function keyOf(secret: string): Webhook {
  try {
    return new Webhook(secret);
  } catch (cause) {
    throw new ConfigurationError("webhook.bad-secret", "The signing secret is not base64.", {
      fix: "Enter the secret as the sender shows it: `whsec_` and base64.",
      cause,
    });
  }
}
