import type { BlueprintCheck } from "./check.ts";

/** A webhook whose sender signs has the secret that the signature is checked with. */
export const checkWebhooks: BlueprintCheck = ({ blueprint }, report) => {
  blueprint.webhooks.forEach(({ name, sender, secret }, index) => {
    if (sender === "token" || secret !== undefined) return;
    report({
      code: "webhook.no-secret",
      path: `webhooks[${index}].secret`,
      message: `Webhook "${name}" gets signed requests from ${sender}, but names no signing secret.`,
      fix: 'Declare the signing secret in `secrets` and name it here, or use "sender": "token".',
    });
  });
};
