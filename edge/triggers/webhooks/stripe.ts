import { Buffer } from "node:buffer";
import { z } from "zod";
import { parseJson } from "#edge/json-body";
import { bytesOf, isFresh, isSigned, type Sender } from "./sender.ts";

const event = z.object({ id: z.string() });

/** https://docs.stripe.com/webhooks#verify-manually: several `v1` while a secret is being rotated. */
export const stripe: Sender = {
  name: "stripe",
  async verify({ headers, raw, now }, secret) {
    const fields = (headers.get("stripe-signature") ?? "")
      .split(",")
      .map((part) => part.split("="));
    const timestamp = fields.find(([key]) => key?.trim() === "t")?.[1];
    if (!isFresh(timestamp, now)) return undefined;
    for (const [key, hex = ""] of fields) {
      if (key?.trim() !== "v1" || !/^[0-9a-f]{64}$/.test(hex)) continue;
      const signature = new Uint8Array(Buffer.from(hex, "hex"));
      if (!(await isSigned(bytesOf(secret), [`${timestamp}.`, raw], signature))) continue;
      const parsed = event.safeParse(parseJson(raw));
      return parsed.success ? { id: parsed.data.id } : {};
    }
    return undefined;
  },
};
