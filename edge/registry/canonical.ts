import { Buffer } from "node:buffer";

/**
 * JSON with object keys sorted by code unit at every depth and `undefined` left out, so that equal
 * values have equal texts. Numbers and strings are written as `JSON.stringify` does (RFC 8785).
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    isPlainObject(part) ? sorted(part) : part,
  );
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sorted(value: Record<string, unknown>): Record<string, unknown> {
  // A map without prototype: a key named `__proto__` is a key like any other.
  const result = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(value).sort()) result[key] = value[key];
  return result;
}

/** SHA-256 over the canonical JSON, in hex. */
export async function hashOf(value: unknown): Promise<string> {
  return Buffer.from(await digest(value)).toString("hex");
}

/** SHA-256 over the canonical JSON in the form of subresource integrity: `sha256-<base64>`. */
export async function integrityOf(value: unknown): Promise<string> {
  return `sha256-${Buffer.from(await digest(value)).toString("base64")}`;
}

async function digest(value: unknown): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(canonicalJson(value)));
}
