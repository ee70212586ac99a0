import { Buffer } from "node:buffer";
import { AerostackError } from "#blueprints/error";
import { masterKeys } from "#edge/env";
import type { Services } from "#edge/services";
import { parseKeyring, seal, unseal } from "./keyring.ts";

/**
 * JSON that a browser keeps for us and cannot read, encrypted under the current master key. It opens
 * until `until` (milliseconds since 1970) and with the same `context` only.
 */
export async function sealForBrowser(
  services: Services,
  context: readonly string[],
  { value, until }: { readonly value: unknown; readonly until: number },
): Promise<string> {
  const keyring = parseKeyring(masterKeys(services.env));
  const plain = new Uint8Array(new TextEncoder().encode(JSON.stringify({ value, until })));
  const key = await keyring.key(keyring.currentId);
  const sealed = await seal(key, plain, [...context, keyring.currentId]);
  const parts = [Buffer.from(keyring.currentId), sealed.iv, sealed.ciphertext];
  return parts.map((part) => Buffer.from(part).toString("base64url")).join(".");
}

/** The value; undefined: its time is over, or this is not what was sealed. */
export async function openFromBrowser(
  services: Services,
  context: readonly string[],
  text: string,
): Promise<unknown> {
  const [id = "", iv = "", ciphertext = ""] = text.split(".");
  const keyId = Buffer.from(id, "base64url").toString();
  const keyring = parseKeyring(masterKeys(services.env));
  try {
    const key = await keyring.key(keyId);
    const sealed = { iv: bytesOf(iv), ciphertext: bytesOf(ciphertext) };
    const plain = await unseal(key, sealed, [...context, keyId]);
    const { value, until } = JSON.parse(new TextDecoder().decode(plain)) as {
      value: unknown;
      until: number;
    };
    return until > services.now() ? value : undefined;
  } catch (error) {
    if (error instanceof AerostackError) return undefined;
    throw error;
  }
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(text, "base64url"));
}
