import { verify } from "@octokit/webhooks-methods";

/**
 * Whether `hex`, in lower case, is the HMAC-SHA256 of the text under `secret`: the comparison takes the
 * same time either way. By GitHub's own library, 400 bytes on WebCrypto.
 */
export async function isSignedText(text: string, hex: string, secret: string): Promise<boolean> {
  // The library throws for what is empty and skips what is no hexadecimal digit.
  if (!text || !secret || !/^[0-9a-f]{64}$/.test(hex)) return false;
  return verify(secret, text, `sha256=${hex}`);
}

/** `x-hub-signature-256`, with which GitHub and Meta sign the raw body. */
export function isHubSigned(headers: Headers, text: string, secret: string): Promise<boolean> {
  const hex = /^sha256=(.*)$/.exec(headers.get("x-hub-signature-256") ?? "")?.[1] ?? "";
  return isSignedText(text, hex, secret);
}
