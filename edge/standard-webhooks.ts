import { Webhook } from "standardwebhooks";
import { ConfigurationError } from "#blueprints/error";

/**
 * Checks and makes signatures of https://www.standardwebhooks.com with a secret `whsec_` and base64.
 * @throws ConfigurationError `webhook.bad-secret`
 */
export function standardWebhook(secret: string): Webhook {
  try {
    return new Webhook(secret);
  } catch (cause) {
    throw new ConfigurationError("webhook.bad-secret", "The signing secret is not base64.", {
      fix: "Enter the secret as the other side shows it: `whsec_` and base64.",
      cause,
    });
  }
}
