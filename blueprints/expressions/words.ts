const quotes = ['"""', "'''", '"', "'"] as const;
const identifier = /[A-Za-z_][A-Za-z0-9_]*/y;
const closing = new Set([")", "]", "}", ",", ":"]);

/**
 * Lets people write `and`, `or` and `not`: outside of string literals they become `&&`, `||` and
 * `!( )`. `not` binds looser than a comparison, so that `not a == b` means what it says.
 */
export function replaceWords(source: string): string {
  let out = "";
  let depth = 0;
  let at = 0;
  /** Depths at which a `not` still waits for the end of its operand. */
  const open: number[] = [];
  const closeHere = (): void => {
    while (open.at(-1) === depth) {
      open.pop();
      out += ")";
    }
  };
  while (at < source.length) {
    const character = source[at] ?? "";
    const literal = literalAt(source, at);
    if (literal) {
      out += literal;
      at += literal.length;
      continue;
    }
    identifier.lastIndex = at;
    const word = identifier.exec(source)?.[0];
    if (word) {
      at += word.length;
      const operator = isField(out) ? undefined : operatorOf(word);
      if (operator === "!(") open.push(depth);
      else if (operator) closeHere();
      out += operator ?? word;
      continue;
    }
    if (closing.has(character) || endsOperand(source, at)) closeHere();
    if ("([{".includes(character)) depth += 1;
    if (")]}".includes(character)) depth -= 1;
    out += character;
    at += 1;
  }
  return out + ")".repeat(open.length);
}

function operatorOf(word: string): string | undefined {
  if (word === "and") return "&&";
  if (word === "or") return "||";
  return word === "not" ? "!(" : undefined;
}

/** `input.and` and `input.?or` are fields. */
function isField(before: string): boolean {
  return /\.\??\s*$/.test(before.slice(-40));
}

/** `&&`, `||` and the `?` of a conditional, not that of `.?` and `[?`. */
function endsOperand(source: string, at: number): boolean {
  const pair = source.slice(at, at + 2);
  if (pair === "&&" || pair === "||") return true;
  return source[at] === "?" && source[at - 1] !== "." && source[at - 1] !== "[";
}

/** A whole string literal, an unterminated one to the end: the parser says what is wrong. */
function literalAt(source: string, at: number): string | undefined {
  const prefix = /^[rRbB]{1,2}(?=["'])/.exec(source.slice(at, at + 3))?.[0] ?? "";
  const quote = quotes.find((one) => source.startsWith(one, at + prefix.length));
  if (!quote) return undefined;
  const raw = /r/i.test(prefix);
  let end = at + prefix.length + quote.length;
  while (end < source.length) {
    if (source[end] === "\\" && !raw) end += 2;
    else if (source.startsWith(quote, end)) return source.slice(at, end + quote.length);
    else end += 1;
  }
  return source.slice(at);
}
