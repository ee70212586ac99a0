import { Buffer } from "node:buffer";
import { isFresh, isSigned, type Sender } from "./sender.ts";

/** https://www.standardwebhooks.com; Svix sends the same under names of its own. */
export const standard: Sender = {
  name: "standard",
  async verify({ headers, raw, now }, secret) {
    const header = (name: string) => headers.get(`webhook-${name}`) ?? headers.get(`svix-${name}`);
    const [id, timestamp] = [header("id"), header("timestamp")];
    if (!id || !isFresh(timestamp, now)) return undefined;
    const key = new Uint8Array(Buffer.from(secret.replace(/^whsec_/, ""), "base64"));
    for (const part of (header("signature") ?? "").split(" ")) {
      const [version, encoded = ""] = part.split(",");
      if (version !== "v1") continue;
      const signature = new Uint8Array(Buffer.from(encoded, "base64"));
      if (await isSigned(key, [`${id}.${timestamp}.`, raw], signature)) return { id };
    }
    return undefined;
  },
};
