import { Buffer } from "node:buffer";
import { bytesOf, idOfBody, isSigned, type Sender } from "./sender.ts";

/** https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries */
export const github: Sender = {
  name: "github",
  async verify({ headers, raw }, secret) {
    const hex = /^sha256=([0-9a-f]{64})$/.exec(headers.get("x-hub-signature-256") ?? "")?.[1];
    if (hex === undefined) return undefined;
    const signed = await isSigned(bytesOf(secret), [raw], new Uint8Array(Buffer.from(hex, "hex")));
    if (!signed) return undefined;
    // Not `x-github-delivery`: it is not signed, so that a captured delivery could come under a new one.
    const id = await idOfBody(raw);
    const event = headers.get("x-github-event");
    return { id, ...(event === null ? {} : { about: { event } }) };
  },
};
