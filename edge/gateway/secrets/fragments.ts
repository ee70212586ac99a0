/** Characters of a value that give so much of it away that they are redacted alone. */
const telling = 12;

/** A piece of `telling` characters always contains one whole chunk that starts at a multiple of this. */
const step = 6;

/**
 * What of a value no ordinary text and no other credential has: all of a random one, of a JWT only
 * its signature. Undefined: nothing, as of a sentence or a URL.
 */
export function randomPart(value: string): string | undefined {
  const part = value.startsWith("eyJ") ? value.slice(value.lastIndexOf(".") + 1) : value;
  const isRandom = /\d/.test(part) && /[a-z]/i.test(part) && !/\s|:\/\//.test(part);
  return isRandom && part.length >= 2 * telling ? part : undefined;
}

/**
 * Redacts pieces of one value, as an upstream quotes them: "the key that starts with ...". Searches
 * a few short chunks and looks around each hit, so that the time stays linear.
 */
export class Fragments {
  readonly #value: string;
  readonly #mark: string;
  readonly #chunks: readonly { readonly at: number; readonly text: string }[];

  constructor(value: string, mark: string) {
    this.#value = value;
    this.#mark = mark;
    const count = Math.floor((value.length - step) / step) + 1;
    this.#chunks = Array.from({ length: count }, (_, index) => {
      const at = index * step;
      return { at, text: value.slice(at, at + step) };
    });
  }

  redact(text: string): string {
    return this.#chunks.reduce((clean, chunk) => this.#redactAround(clean, chunk), text);
  }

  #redactAround(text: string, { at, text: chunk }: { at: number; text: string }): string {
    let [clean, from] = ["", 0];
    for (let hit = text.indexOf(chunk); hit >= 0; hit = text.indexOf(chunk, hit + 1)) {
      if (hit < from) continue;
      const start = this.#startOf(text, hit, at, from);
      const end = this.#endOf(text, hit, at);
      if (end - start < telling) continue;
      clean += text.slice(from, start) + this.#mark;
      from = end;
    }
    return from === 0 ? text : clean + text.slice(from);
  }

  /** How far to the left of `hit` the text goes on like the value before `at`. */
  #startOf(text: string, hit: number, at: number, from: number): number {
    let size = 0;
    while (hit - size > from && size < at && text[hit - size - 1] === this.#value[at - size - 1]) {
      size += 1;
    }
    return hit - size;
  }

  #endOf(text: string, hit: number, at: number): number {
    let size = step;
    while (hit + size < text.length && at + size < this.#value.length) {
      if (text[hit + size] !== this.#value[at + size]) break;
      size += 1;
    }
    return hit + size;
  }
}
