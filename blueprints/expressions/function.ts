import { InputError } from "../error.ts";
import type { Budget } from "./limits.ts";
import { typeName } from "./values.ts";

/** A function of the expression language; `f(x, y)` and `x.f(y)` are the same call. */
export interface ExpressionFunction {
  /** As documented, e.g. `split(text, separator)`. */
  readonly signature: string;
  readonly summary: string;
  /** How many arguments it takes: [least, most]. */
  readonly arity: readonly [number, number];
  run(args: readonly unknown[], budget: Budget): unknown;
}

/** Thrown by functions; the evaluator adds the source. */
export function failed(message: string, fix: string): InputError {
  return new InputError("expression.failed", message, { fix });
}

export function textArgument(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  throw failed(
    `${name}() needs a text, got ${typeName(value)}.`,
    `Pass a text, e.g. ${name}(string(value)).`,
  );
}

export function numberArgument(value: unknown, name: string): number {
  if (typeof value === "number") return value;
  throw failed(
    `${name}() needs a number, got ${typeName(value)}.`,
    `Pass a number, e.g. ${name}(double(value)).`,
  );
}

export function listArgument(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw failed(`${name}() needs a list, got ${typeName(value)}.`, "Pass a list.");
}
