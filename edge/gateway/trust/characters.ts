/**
 * Characters that people do not see and models read: zero-width, bidirectional controls, invisible
 * operators, tags. A joiner is fine behind an emoji, and direction marks in scripts that need them.
 */
const invisible =
  /[\u200B\u202A-\u202E\u2060-\u2064\u2066-\u2069\uFEFF\u{E0000}-\u{E007F}]|(?<![\p{Script=Arabic}\p{Script=Hebrew}])[\u200C\u200E\u200F]|(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F])\u200D/u;
const invisibleOnes = new RegExp(invisible.source, "gu");

export function firstInvisible(text: string): number {
  return text.search(invisible);
}

/** With `\u{200b}` in the place of what nobody would see. */
export function visible(text: string): string {
  return text.replaceAll(invisibleOnes, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`);
}

/** Letters of other alphabets that look like Latin ones. */
const lookalikes: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from(
    "аaеeоoрpсcуyхxіiјjѕsԁdһhкkмmтtвbнnгrαaεeοoρpνvκkιiτtυu0o1l".matchAll(/(.)(.)/gu),
    (pair) => [pair[1] ?? "", pair[2] ?? ""],
  ),
);

/** Names with the same skeleton are hard to tell apart: case, width, homoglyphs, invisible ones. */
export function skeleton(name: string): string {
  const plain = name.normalize("NFKC").replaceAll(invisibleOnes, "").trim().toLowerCase();
  return Array.from(plain, (one) => lookalikes[one] ?? one)
    .join("")
    .replaceAll(/[\s_.-]+/g, "_");
}
