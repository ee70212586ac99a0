import { parse } from "sucrase/dist/parser/index.js";
import { TokenType } from "sucrase/dist/parser/tokenizer/types.js";

/** Keywords; as names of members the same words are ordinary names. */
const { _import: importWord, _export: exportWord, _default: defaultWord } = TokenType;

interface Token {
  readonly type: TokenType;
  readonly text: string;
}

/** What a module takes and gives, as far as its text says. */
interface ModuleSyntax {
  /** Specifiers of imports, static and dynamic, and of re-exports, as they are written. */
  readonly imports: readonly string[];
  /** Arguments of `import(...)` that are no plain string. */
  readonly computed: readonly string[];
  readonly hasDefault: boolean;
}

/**
 * Reads JavaScript token by token: what stands in strings, comments and expressions for matching text
 * is no code. Throws the parser's SyntaxError.
 */
export function readModule(code: string): ModuleSyntax {
  const tokens = parse(code, false, false, false).tokens.map(({ type, start, end }): Token => ({
    type,
    text: code.slice(start, end),
  }));
  const imports: string[] = [];
  const computed: string[] = [];
  let hasDefault = false;
  tokens.forEach(({ type }, at) => {
    const dynamic = dynamicArgument(tokens, at);
    if (dynamic) {
      const [only, ...more] = dynamic;
      if (only?.type === TokenType.string && more.length === 0) imports.push(specifierOf(only));
      else computed.push(dynamic.map(({ text }) => text).join(" "));
      return;
    }
    const source = type === importWord ? importSource(tokens, at) : exportSource(tokens, at);
    if (source) imports.push(specifierOf(source));
    if (type === exportWord) hasDefault ||= givesDefault(tokens, at);
  });
  return { imports, computed, hasDefault };
}

/** `import(...)`, `import.source(...)`, `import.defer(...)`; of a member that is called so nothing. */
function dynamicArgument(tokens: readonly Token[], at: number): Token[] | undefined {
  const [before, here, next, phase] = [tokens[at - 1], tokens[at], tokens[at + 1], tokens[at + 2]];
  if (here?.type === importWord) {
    return next?.type === TokenType.parenL ? argument(tokens, at + 2) : undefined;
  }
  const isMember = before?.type === TokenType.dot || before?.type === TokenType.questionDot;
  const isPhase = next?.type === TokenType.dot && /^(source|defer)$/.test(phase?.text ?? "");
  return here?.text === "import" && !isMember && isPhase ? argument(tokens, at + 4) : undefined;
}

/** Up to the comma or bracket that ends it. */
function argument(tokens: readonly Token[], start: number): Token[] {
  let depth = 0;
  for (let at = start; at < tokens.length; at++) {
    const { text, type } = tokens[at]!;
    if (depth === 0 && (type === TokenType.parenR || type === TokenType.comma)) {
      return tokens.slice(start, at);
    }
    if (/^(?:\(|\[|\{|\$\{)$/.test(text)) depth++;
    else if (/^[)\]}]$/.test(text)) depth--;
  }
  return tokens.slice(start);
}

/** The string behind `import`, or behind the first `from` after it; names may be strings as well. */
function importSource(tokens: readonly Token[], at: number): Token | undefined {
  for (let next = at + 1; next < tokens.length; next++) {
    const isNamed = next === at + 1 || tokens[next - 1]?.text === "from";
    if (isNamed && tokens[next]?.type === TokenType.string) return tokens[next];
  }
  return undefined;
}

function exportSource(tokens: readonly Token[], at: number): Token | undefined {
  if (tokens[at]?.type !== exportWord) return undefined;
  const first = tokens[at + 1]?.text;
  if (first === "*") return importSource(tokens, at);
  if (first !== "{") return undefined;
  const end = closing(tokens, at + 1);
  return tokens[end + 1]?.text === "from" ? tokens[end + 2] : undefined;
}

function givesDefault(tokens: readonly Token[], at: number): boolean {
  if (tokens[at + 1]?.type === defaultWord) return true;
  if (tokens[at + 1]?.text !== "{") return false;
  const names = tokens.slice(at + 2, closing(tokens, at + 1));
  return names.some(({ text }, index) => {
    const isLast = (names[index + 1]?.text ?? ",") === ",";
    return isLast && /^(?:default|"default"|'default')$/.test(text);
  });
}

/** Names in braces hold no braces. */
function closing(tokens: readonly Token[], at: number): number {
  const end = tokens.findIndex(({ type }, index) => index > at && type === TokenType.braceR);
  return end < 0 ? tokens.length : end;
}

/** Escapes stay: what needs some is none of the few names that may be imported. */
function specifierOf({ text }: Token): string {
  return text.slice(1, -1);
}
