import { isHubSigned } from "#edge/signed-text";
import { idOfBody, type Sender, textOf } from "./sender.ts";

/** https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries */
export const github: Sender = {
  name: "github",
  async verify({ headers, raw }, secret) {
    const text = textOf(raw);
    if (text === undefined || !(await isHubSigned(headers, text, secret))) return undefined;
    // Not `x-github-delivery`: it is not signed, so that a captured delivery could come under a new one.
    const id = await idOfBody(raw);
    const event = headers.get("x-github-event");
    return { id, ...(event === null ? {} : { about: { event } }) };
  },
};
