import { verify } from "@octokit/webhooks-methods";
import { idOfBody, type Sender, textOf } from "./sender.ts";

/**
 * https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries, checked by GitHub's
 * own library: 400 bytes on WebCrypto, constant time.
 */
export const github: Sender = {
  name: "github",
  async verify({ headers, raw }, secret) {
    const signature = headers.get("x-hub-signature-256") ?? "";
    const text = textOf(raw);
    // The library throws for what is empty and skips what is no hexadecimal digit.
    if (!text || !secret || !/^sha256=[0-9a-f]{64}$/.test(signature)) return undefined;
    if (!(await verify(secret, text, signature))) return undefined;
    // Not `x-github-delivery`: it is not signed, so that a captured delivery could come under a new one.
    const id = await idOfBody(raw);
    const event = headers.get("x-github-event");
    return { id, ...(event === null ? {} : { about: { event } }) };
  },
};
