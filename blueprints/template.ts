import { InputError } from "./error.ts";
import { evaluateExpression } from "./expression.ts";
import { toText } from "./expressions/values.ts";

/** What bounds the work of one `render`. */
const templateLimits = {
  /** Levels of arrays and objects. */
  depth: 32,
  /** Values in all. */
  values: 50_000,
  /** Expressions in one string. */
  expressions: 100,
  /** Characters of one rendered string. */
  text: 2_000_000,
} as const;

/** A piece of a string: text as written, or the source of an expression. */
export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "expression"; readonly source: string };

/**
 * Replaces every `{{ expression }}` in strings, arrays and objects over `scope`. A string that is
 * nothing but one template keeps the value's type; inside a longer string, maps and lists become
 * JSON and null becomes nothing. Throws InputError `expression.*` or `template.*`.
 */
export function render(value: unknown, scope: Readonly<Record<string, unknown>>): unknown {
  return renderValue(value, { scope, left: templateLimits.values }, 0);
}

interface Rendering {
  readonly scope: Readonly<Record<string, unknown>>;
  left: number;
}

function renderValue(value: unknown, rendering: Rendering, depth: number): unknown {
  rendering.left -= 1;
  if (rendering.left < 0 || depth > templateLimits.depth) {
    throw new InputError(
      "template.too-large",
      `A template has more than ${templateLimits.values} values or ${templateLimits.depth} levels.`,
      { fix: "Build the value in a function and refer to its output." },
    );
  }
  if (typeof value === "string") return renderText(value, rendering.scope);
  if (Array.isArray(value)) return value.map((item) => renderValue(item, rendering, depth + 1));
  if (typeof value !== "object" || value === null) return value;
  // fromEntries defines own properties, so a key such as `__proto__` stays data.
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, renderValue(item, rendering, depth + 1)]),
  );
}

function renderText(text: string, scope: Readonly<Record<string, unknown>>): unknown {
  if (!hasTemplate(text)) return text;
  const parts = templateParts(text);
  const only = parts.length === 1 ? parts[0] : undefined;
  if (only?.kind === "expression") return evaluateExpression(only.source, scope);
  let out = "";
  for (const part of parts) {
    out += part.kind === "text" ? part.text : toText(evaluateExpression(part.source, scope));
    if (out.length > templateLimits.text) {
      throw new InputError(
        "template.too-large",
        `A rendered text is longer than ${templateLimits.text} characters.`,
        { fix: "Shorten what goes into it, e.g. with substring(text, 0, 1000)." },
      );
    }
  }
  return out;
}

/** Whether a string holds a template at all. */
export function hasTemplate(text: string): boolean {
  return text.includes("{{");
}

/**
 * The parts of a string in order. `}}` inside a string literal of an expression does not end it, nor
 * does that of a map literal. Throws InputError `template.unclosed` or `template.too-large`.
 */
export function templateParts(text: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let at = 0;
  let expressions = 0;
  while (at < text.length) {
    const start = text.indexOf("{{", at);
    if (start === -1) {
      parts.push({ kind: "text", text: text.slice(at) });
      break;
    }
    if (start > at) parts.push({ kind: "text", text: text.slice(at, start) });
    const end = endOfExpression(text, start + 2);
    expressions += 1;
    if (end === -1 || expressions > templateLimits.expressions) throw templateError(text, end);
    parts.push({ kind: "expression", source: text.slice(start + 2, end).trim() });
    at = end + 2;
  }
  return parts;
}

function templateError(text: string, end: number): InputError {
  if (end !== -1) {
    return new InputError(
      "template.too-large",
      `A text has more than ${templateLimits.expressions} templates.`,
      { fix: "Build the text in a function." },
    );
  }
  const shown = text.length > 80 ? `${text.slice(0, 79)}…` : text;
  return new InputError("template.unclosed", `A template does not end: ${JSON.stringify(shown)}.`, {
    fix: "Close it with `}}`.",
  });
}

/** Where `}}` stands, from `at` on; -1: nowhere. */
function endOfExpression(text: string, at: number): number {
  let quote = "";
  let open = 0;
  for (let index = at; index < text.length; index += 1) {
    const character = text[index] ?? "";
    if (quote) {
      if (character === "\\") index += 1;
      else if (character === quote) quote = "";
    } else if (character === '"' || character === "'") quote = character;
    else if (character === "{") open += 1;
    else if (character === "}") {
      if (open === 0 && text[index + 1] === "}") return index;
      open = Math.max(0, open - 1);
    }
  }
  return -1;
}
