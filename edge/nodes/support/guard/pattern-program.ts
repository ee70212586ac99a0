import { InputError } from "#blueprints/error";

/** One instruction; `split` prefers its first target. */
export type Instruction =
  | { readonly op: "character"; readonly test: (code: number) => boolean }
  | { readonly op: "split"; readonly first: number; readonly second: number }
  | { readonly op: "jump"; readonly to: number }
  | { readonly op: "assert"; readonly kind: "start" | "end" | "word" | "no-word" }
  | { readonly op: "match" };

/** Bounds of one pattern: characters, instructions, parentheses in one another. */
const limits = { source: 500, program: 1_000, depth: 20 } as const;

type Test = (code: number) => boolean;
type Node =
  | { readonly kind: "character"; readonly test: Test }
  | { readonly kind: "assert"; readonly at: "start" | "end" | "word" | "no-word" }
  | { readonly kind: "sequence"; readonly parts: readonly Node[] }
  | { readonly kind: "either"; readonly ways: readonly Node[] }
  | {
      readonly kind: "repeat";
      readonly body: Node;
      readonly least: number;
      readonly most: number;
      readonly lazy: boolean;
    };

export function isWord(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || isLower(code);
}
const isLower = (code: number) => code >= 97 && code <= 122;
const isDigit = (code: number) => code >= 48 && code <= 57;
const isSpace = (code: number) => /\s/.test(String.fromCharCode(code));
const not =
  (test: Test): Test =>
  (code) =>
    !test(code);

const classes: Readonly<Record<string, Test>> = {
  d: isDigit,
  D: not(isDigit),
  w: isWord,
  W: not(isWord),
  s: isSpace,
  S: not(isSpace),
};
const controls: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, "0": 0 };

/**
 * The program of a regular expression that can be run in linear time: what RE2 knows, without
 * look-around and back-references. @throws InputError `guardrail.pattern`
 */
export function toProgram(source: string, ignoreCase: boolean): readonly Instruction[] {
  if (source.length > limits.source) throw refused(source, `it has ${source.length} characters`);
  const program: Instruction[] = [];
  emit(new Parser(source, ignoreCase).parse(), program, source);
  program.push({ op: "match" });
  return program;
}

function refused(source: string, why: string): InputError {
  return new InputError(
    "guardrail.pattern",
    `The pattern \`${source.slice(0, 100)}\` cannot be used: ${why}.`,
    {
      fix: "Write a regular expression without look-around and back-references, of at most 500 characters and small counts.",
    },
  );
}

class Parser {
  readonly #source: string;
  readonly #ignoreCase: boolean;
  #at = 0;
  #depth = 0;

  constructor(source: string, ignoreCase: boolean) {
    this.#source = source;
    this.#ignoreCase = ignoreCase;
  }

  parse(): Node {
    const node = this.#either();
    if (this.#at < this.#source.length)
      throw this.#refuse("a parenthesis closes that was not opened");
    return node;
  }

  #refuse(why: string): InputError {
    return refused(this.#source, why);
  }

  #eat(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #either(): Node {
    const ways = [this.#sequence()];
    while (this.#eat("|")) ways.push(this.#sequence());
    return ways.length === 1 && ways[0] ? ways[0] : { kind: "either", ways };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    while (this.#at < this.#source.length && !"|)".includes(this.#source[this.#at] ?? "")) {
      parts.push(this.#repeated(this.#atom()));
    }
    return { kind: "sequence", parts };
  }

  #repeated(body: Node): Node {
    const counts = this.#counts();
    if (!counts) return body;
    const node: Node = { kind: "repeat", body, ...counts, lazy: this.#eat("?") };
    if (this.#counts()) throw this.#refuse("something is repeated twice in a row");
    return node;
  }

  #counts(): { least: number; most: number } | undefined {
    if (this.#eat("*")) return { least: 0, most: Infinity };
    if (this.#eat("+")) return { least: 1, most: Infinity };
    if (this.#eat("?")) return { least: 0, most: 1 };
    const found = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(this.#source.slice(this.#at, this.#at + 12));
    if (!found) return undefined;
    this.#at += found[0].length;
    const least = Number(found[1]);
    const most = found[2] === undefined ? least : found[3] ? Number(found[3]) : Infinity;
    if (most < least) throw this.#refuse(`${found[0]} counts backwards`);
    return { least, most };
  }

  #atom(): Node {
    const character = this.#source[this.#at++] ?? "";
    switch (character) {
      case "(":
        return this.#group();
      case "[":
        return this.#one(this.#class());
      case ".":
        return { kind: "character", test: (code) => code !== 10 && code !== 13 };
      case "^":
        return { kind: "assert", at: "start" };
      case "$":
        return { kind: "assert", at: "end" };
      case "\\":
        return this.#escaped();
      case "*":
      case "+":
      case "?":
        throw this.#refuse(`nothing stands before "${character}"`);
      default:
        return this.#literal(character.charCodeAt(0));
    }
  }

  #group(): Node {
    if (this.#source[this.#at] === "?" && !this.#eat("?:")) {
      throw this.#refuse("it looks around, or names a group");
    }
    if (++this.#depth > limits.depth) throw this.#refuse("its parentheses are too deep");
    const inner = this.#either();
    this.#depth -= 1;
    if (!this.#eat(")")) throw this.#refuse("a parenthesis is not closed");
    return inner;
  }

  #escaped(): Node {
    if (this.#eat("b")) return { kind: "assert", at: "word" };
    if (this.#eat("B")) return { kind: "assert", at: "no-word" };
    const escape = this.#escape();
    return typeof escape === "number" ? this.#literal(escape) : this.#one(escape);
  }

  /** After a backslash: a class, or the code of a character. */
  #escape(): Test | number {
    const letter = this.#source[this.#at++] ?? "";
    if (Object.hasOwn(classes, letter)) return classes[letter] ?? isDigit;
    if (Object.hasOwn(controls, letter)) return controls[letter] ?? 0;
    if (letter === "x" || letter === "u") {
      const size = letter === "x" ? 2 : 4;
      const digits = this.#source.slice(this.#at, this.#at + size);
      if (!/^[0-9a-f]+$/i.test(digits) || digits.length < size) throw this.#refuse("a code is cut");
      this.#at += size;
      return Number.parseInt(digits, 16);
    }
    if (letter === "" || /[a-z1-9]/i.test(letter)) {
      throw this.#refuse(`it does not know \\${letter}`);
    }
    return letter.charCodeAt(0);
  }

  #class(): Test {
    const negated = this.#eat("^");
    const tests: Test[] = [];
    for (;;) {
      if (this.#at >= this.#source.length) throw this.#refuse("a [ is not closed");
      if (this.#eat("]")) break;
      const from = this.#member();
      const isRange = this.#source[this.#at] === "-" && this.#source[this.#at + 1] !== "]";
      if (!isRange || typeof from !== "number") {
        tests.push(typeof from === "number" ? (code) => code === from : from);
        continue;
      }
      this.#at += 1;
      const to = this.#member();
      if (typeof to !== "number" || to < from) throw this.#refuse("a range runs backwards");
      tests.push((code) => code >= from && code <= to);
    }
    const any: Test = (code) => tests.some((test) => test(code));
    return negated ? not(this.#folded(any)) : any;
  }

  #member(): Test | number {
    const character = this.#source[this.#at++] ?? "";
    if (character !== "\\") return character.charCodeAt(0);
    return this.#eat("b") ? 8 : this.#escape();
  }

  #literal(wanted: number): Node {
    return this.#one((code) => code === wanted);
  }

  #one(test: Test): Node {
    return { kind: "character", test: this.#folded(test) };
  }

  #folded(test: Test): Test {
    if (!this.#ignoreCase) return test;
    return (code) => {
      const character = String.fromCharCode(code);
      return (
        test(code) ||
        test(character.toLowerCase().charCodeAt(0)) ||
        test(character.toUpperCase().charCodeAt(0))
      );
    };
  }
}

function emit(node: Node, program: Instruction[], source: string): void {
  if (program.length > limits.program) throw refused(source, "it counts too much");
  switch (node.kind) {
    case "character":
      program.push({ op: "character", test: node.test });
      return;
    case "assert":
      program.push({ op: "assert", kind: node.at });
      return;
    case "sequence":
      for (const part of node.parts) emit(part, program, source);
      return;
    case "either":
      emitEither(node.ways, program, source);
      return;
    case "repeat": {
      const { body, least, most, lazy } = node;
      for (let count = 0; count < least; count += 1) emit(body, program, source);
      if (most === Infinity) emitStar(body, lazy, { program, source });
      else
        for (let count = least; count < most; count += 1)
          emitMaybe(body, lazy, { program, source });
      return;
    }
    default:
      node satisfies never;
  }
}

function emitEither(ways: readonly Node[], program: Instruction[], source: string): void {
  const ends: number[] = [];
  for (const [index, way] of ways.entries()) {
    if (index === ways.length - 1) {
      emit(way, program, source);
      break;
    }
    const split = program.push({ op: "match" }) - 1;
    emit(way, program, source);
    ends.push(program.push({ op: "match" }) - 1);
    program[split] = { op: "split", first: split + 1, second: program.length };
  }
  for (const end of ends) program[end] = { op: "jump", to: program.length };
}

interface Place {
  readonly program: Instruction[];
  readonly source: string;
}

function emitStar(body: Node, lazy: boolean, { program, source }: Place): void {
  const split = program.push({ op: "match" }) - 1;
  emit(body, program, source);
  program.push({ op: "jump", to: split });
  program[split] = splitTo(split + 1, program.length, lazy);
}

function emitMaybe(body: Node, lazy: boolean, { program, source }: Place): void {
  const split = program.push({ op: "match" }) - 1;
  emit(body, program, source);
  program[split] = splitTo(split + 1, program.length, lazy);
}

function splitTo(inside: number, after: number, lazy: boolean): Instruction {
  return lazy
    ? { op: "split", first: after, second: inside }
    : { op: "split", first: inside, second: after };
}
