import type { ASTNode } from "@marcbachmann/cel-js";
import { InputError } from "../error.ts";
import { failed } from "./function.ts";
import type { Budget } from "./limits.ts";
import { absent, typeName } from "./values.ts";

/** One evaluation: the names in sight and what is left of its budget. */
export interface Evaluation {
  readonly scope: Readonly<Record<string, unknown>>;
  readonly budget: Budget;
  /** The value of a node; `absent` only where an optional access found nothing. */
  run(node: ASTNode): unknown;
  /** The same with more names in sight. */
  within(names: Readonly<Record<string, unknown>>): Evaluation;
}

/** A path that leads nowhere; `has` and `default` recover from it. */
export class MissingError extends InputError {}

/** `absent` and undefined leave an operation as null. */
export function plain(value: unknown): unknown {
  return value === absent || value === undefined ? null : value;
}

/** Conditions are true or false; anything else is a mistake worth hearing about. */
export function truth(node: ASTNode, evaluation: Evaluation, operator: string): boolean {
  const value = plain(evaluation.run(node));
  if (typeof value === "boolean") return value;
  throw failed(
    `"${operator}" needs true or false, got ${typeName(value)}.`,
    "Compare it, e.g. `value != null`, or use bool(value).",
  );
}
