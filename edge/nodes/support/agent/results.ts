import { toText } from "./transcript.ts";

/** Characters that are kept of one result. */
const kept = 1_000_000;

const part = (value: unknown): string | undefined => {
  const { type, text } = { ...(value as { type?: unknown; text?: unknown } | null) };
  return type === "text" && typeof text === "string" ? text : undefined;
};

/** What an MCP tool answered, as a model reads it. */
export function textOfContent(content: unknown, structured: unknown): string {
  const parts = Array.isArray(content) ? content : [content];
  const text = parts.map((one) => part(one) ?? describePart(one)).join("\n");
  const whole = text === "" && structured !== undefined ? toText(structured) : text;
  return whole.slice(0, kept);
}

function describePart(value: unknown): string {
  const { type, mimeType } = { ...(value as { type?: unknown; mimeType?: unknown } | null) };
  const isBinary = type === "image" || type === "audio";
  return isBinary
    ? `[${type}, ${typeof mimeType === "string" ? mimeType : "unknown"}]`
    : toText(value);
}

/** Full results, of which the model may have seen only the beginning. */
export class Results {
  readonly #texts = new Map<string, string>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** What the model is shown; `id` names the result for `read_more`. */
  show(id: string, text: string): string {
    if (text.length <= this.#most) return text;
    this.#texts.set(id, text);
    return this.#page(id, text, 0);
  }

  /** Undefined: there is no such result. */
  read(id: string, offset: number): string | undefined {
    const text = this.#texts.get(id);
    return text === undefined ? undefined : this.#page(id, text, offset);
  }

  #page(id: string, text: string, offset: number): string {
    const end = Math.min(offset + this.#most, text.length);
    const more =
      end < text.length
        ? `; for more call read_more with {"result": "${id}", "offset": ${end}}`
        : "; this is the end";
    return `${text.slice(offset, end)}\n[characters ${offset} to ${end} of ${text.length}${more}]`;
  }
}
