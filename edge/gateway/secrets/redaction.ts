import { tellingParts } from "./telling-parts.ts";
import { minimumValueLength } from "./value-limits.ts";

/** What stands in the place of a secret. */
const mark = "[redacted]";

function base64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/**
 * The value in base64 as it looks inside a longer encoded text: three alignments, each without the
 * characters that also depend on its neighbours.
 */
function base64Alignments(bytes: Uint8Array): string[] {
  return [0, 1, 2].map((offset) => {
    const padded = new Uint8Array(offset + bytes.length);
    padded.set(bytes, offset);
    const encoded = base64(padded).replace(/={1,2}$/, "");
    const start = Math.ceil((offset * 8) / 6);
    const end = Math.floor(((offset + bytes.length) * 8) / 6);
    return encoded.slice(start, end);
  });
}

/** Every form of one value that upstreams are known to echo; longest first. */
function forms(value: string): string[] {
  const bytes = new TextEncoder().encode(value);
  const aligned = base64Alignments(bytes);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const encoded = encodeURIComponent(value);
  const all = [
    value,
    JSON.stringify(value).slice(1, -1),
    encoded,
    encoded.replaceAll(/%[0-9A-F]{2}/g, (triple) => triple.toLowerCase()),
    encoded.replaceAll("%20", "+"),
    hex,
    hex.toUpperCase(),
    base64(bytes),
    base64(bytes)
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replace(/={1,2}$/, ""),
    ...aligned,
    ...aligned.map((one) => one.replaceAll("+", "-").replaceAll("/", "_")),
  ];
  return all.filter((form) => form.length >= minimumValueLength);
}

/**
 * Replaces known secret values in what is about to leave: plain, JSON-escaped, URL-encoded, hex,
 * base64 (also in the middle of a longer text); of a URL its path alone, too. Only substring
 * search, so the time is linear.
 */
export class Redactor {
  readonly #forms: readonly string[];

  constructor(values: readonly string[]) {
    const all = values.flatMap(tellingParts).flatMap(forms);
    this.#forms = [...new Set(all)].sort((a, b) => b.length - a.length);
  }

  text(text: string): string {
    let clean = text;
    for (const form of this.#forms) {
      if (clean.includes(form)) clean = clean.replaceAll(form, mark);
    }
    return clean;
  }

  /** Every string and key inside a JSON value; the value itself when nothing had to change. */
  value<T>(value: T): T {
    return this.#forms.length === 0 ? value : (this.#walk(value) as T);
  }

  #walk(value: unknown): unknown {
    if (typeof value === "string") return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.#walk(item));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [this.text(key), this.#walk(item)]),
    );
  }
}
