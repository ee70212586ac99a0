import { InputError } from "#blueprints/error";
import { type Instruction, isWord, toProgram } from "./pattern-program.ts";

/** A place in a text: from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Instructions that one search may take, so that no pattern stops the platform. */
const mostWork = 20_000_000;

interface Thread {
  readonly at: number;
  readonly start: number;
}

/**
 * A regular expression that is run without going back (Thompson's way): its time is bounded by the
 * length of the text times that of the pattern, whatever both are.
 */
export class Pattern {
  readonly #program: readonly Instruction[];
  readonly #source: string;

  /** @throws InputError `guardrail.pattern` */
  constructor(source: string, { ignoreCase = false }: { readonly ignoreCase?: boolean } = {}) {
    this.#source = source;
    this.#program = toProgram(source, ignoreCase);
  }

  /** All places that fit, the leftmost first, none in another. @throws InputError `guardrail.too-much-work` */
  find(text: string): Span[] {
    const found: Span[] = [];
    const work = { left: mostWork };
    for (let from = 0; from <= text.length;) {
      const span = this.#search(text, from, work);
      if (!span) break;
      found.push(span);
      from = span.end > span.start ? span.end : span.end + 1;
    }
    return found;
  }

  #search(text: string, from: number, work: { left: number }): Span | undefined {
    let best: Span | undefined;
    let threads: Thread[] = [];
    for (let position = from; position <= text.length; position += 1) {
      const active = this.#follow(threads, { text, position, best, work });
      best = active.best;
      if (active.waiting.length === 0 && best) return best;
      const code = text.charCodeAt(position);
      threads = active.waiting
        .filter(({ at }) => {
          const instruction = this.#program[at];
          return (
            instruction?.op === "character" && position < text.length && instruction.test(code)
          );
        })
        .map(({ at, start }) => ({ at: at + 1, start }));
    }
    return best;
  }

  /** Goes on to where a character is asked for; what comes first is preferred. */
  #follow(
    threads: readonly Thread[],
    place: { text: string; position: number; best: Span | undefined; work: { left: number } },
  ): { waiting: Thread[]; best: Span | undefined } {
    const { text, position, work } = place;
    const seen = new Set<number>();
    const waiting: Thread[] = [];
    let { best } = place;
    // A match that began is not given up for one that begins later.
    const begun = best ? threads : [...threads, { at: 0, start: position }];
    for (const thread of begun) {
      const stack = [thread.at];
      for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
        if (seen.has(at)) continue;
        seen.add(at);
        if (--work.left < 0) throw this.#tooMuch();
        const instruction = this.#program[at];
        if (instruction?.op === "match") {
          best = { start: thread.start, end: position };
          // Whatever is less preferred than this is over.
          return { waiting, best };
        }
        if (instruction?.op === "character") waiting.push({ at, start: thread.start });
        else if (instruction?.op === "jump") stack.push(instruction.to);
        else if (instruction?.op === "split") stack.push(instruction.second, instruction.first);
        else if (instruction?.op === "assert" && holds(instruction.kind, text, position)) {
          stack.push(at + 1);
        }
      }
    }
    return { waiting, best };
  }

  #tooMuch(): InputError {
    return new InputError(
      "guardrail.too-much-work",
      `The pattern \`${this.#source.slice(0, 100)}\` takes too long on this text.`,
      { fix: "Write a simpler pattern, or limit the text with `max_characters`." },
    );
  }
}

function holds(
  kind: (Instruction & { op: "assert" })["kind"],
  text: string,
  position: number,
): boolean {
  if (kind === "start") return position === 0;
  if (kind === "end") return position === text.length;
  const isBorder = isWord(text.charCodeAt(position - 1)) !== isWord(text.charCodeAt(position));
  return isBorder === (kind === "word");
}
