import { WebhookVerificationError } from "standardwebhooks";
import { standardWebhook } from "#edge/standard-webhooks";
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
      standardWebhook(secret).verify(text, signed, { jsonParse: false });
      return { id };
    } catch (error) {
      if (error instanceof WebhookVerificationError) return undefined;
      throw error;
    }
  },
};
