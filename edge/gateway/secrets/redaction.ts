import { Fragments, randomPart } from "./fragments.ts";
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
    Array.from(value).toReversed().join(""),
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
 * base64 (also in the middle of a longer text); of a URL its path alone, and of a long random
 * value every piece of 12 characters, too. Only substring search, so the time is linear.
 */
export class Redactor {
  readonly #forms: readonly string[];
  readonly #fragments: readonly Fragments[];
  /** Whether every value looks the same inside JSON, so that JSON text can be searched as it is. */
  readonly #isPlain: boolean;

  constructor(values: readonly string[]) {
    const known = [...new Set(values.flatMap(tellingParts))];
    this.#isPlain = known.every((value) => JSON.stringify(value) === `"${value}"`);
    const all = known.flatMap(forms);
    this.#forms = [...new Set(all)].sort((a, b) => b.length - a.length);
    const random = known.flatMap((value) => randomPart(value) ?? []);
    this.#fragments = random.map((value) => new Fragments(value, mark));
  }

  text(text: string): string {
    let clean = text;
    for (const form of this.#forms) {
      if (clean.includes(form)) clean = clean.replaceAll(form, mark);
    }
    for (const fragments of this.#fragments) clean = fragments.redact(clean);
    return clean;
  }

  /** Every string and key inside a JSON value; the value itself when nothing had to change. */
  value<T>(value: T): T {
    if (this.#forms.length === 0) return value;
    // Nearly always there is nothing to find: one search over all of it says so.
    const json = this.#isPlain ? (JSON.stringify(value) ?? "") : undefined;
    if (json !== undefined && this.text(json) === json) return value;
    return this.#walk(value) as T;
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
