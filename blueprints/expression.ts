import { AerostackError } from "./error.ts";
import { runTree } from "./expressions/evaluate.ts";
import { parseExpression } from "./expressions/parse.ts";
import { type ExpressionPath, pathsOf } from "./expressions/paths.ts";

/**
 * The expression language: the grammar of CEL plus the words `and`, `or`, `not`, over plain JSON
 * values, with JavaScript's numbers. No loops but those over lists, no `eval`, no clock, and bounded
 * work (`expressions/limits.ts`). Functions: `expressions/functions.ts`.
 */

export interface ExpressionReport {
  /** Absent: the syntax is right and every function exists. */
  readonly problem?: { readonly message: string; readonly fix: string };
  /** What it reads, e.g. `["steps", "score", "output", "tier"]`. */
  readonly paths: readonly ExpressionPath[];
}

/**
 * The value of an expression over the names in `scope`. Throws InputError `expression.syntax` or
 * `expression.failed`; both quote the source and say what to change.
 */
export function evaluateExpression(
  source: string,
  scope: Readonly<Record<string, unknown>>,
): unknown {
  return runTree(parseExpression(source), source, scope);
}

/** What can be said about an expression without running it. Never throws. */
export function checkExpression(source: string): ExpressionReport {
  try {
    return { paths: pathsOf(parseExpression(source)) };
  } catch (error) {
    if (!(error instanceof AerostackError)) throw error;
    return { problem: { message: error.message, fix: error.fix ?? "Correct it." }, paths: [] };
  }
}
