import { Buffer } from "node:buffer";

/** Account keys and workspace tokens say by their prefix what they are; tickets have none. */
export type CredentialPrefix = "ak_" | "wt_" | "";

/** 256 random bits, base64url: 43 characters after the prefix. */
export function createCredential(prefix: CredentialPrefix): string {
  return prefix + Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
}

/**
 * What is stored instead of the credential: SHA-256 in hex. No salt and no stretching, because the
 * input has 256 random bits: it cannot be guessed, and the hash must be an index.
 */
export async function hashCredential(credential: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(credential));
  return Buffer.from(digest).toString("hex");
}
