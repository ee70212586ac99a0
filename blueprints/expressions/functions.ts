import type { ExpressionFunction } from "./function.ts";
import { listFunctions } from "./list-functions.ts";
import { numberFunctions } from "./number-functions.ts";
import { textFunctions } from "./text-functions.ts";
import { typeName } from "./values.ts";

/** Every function of the expression language by name; the served reference is rendered from it. */
export const expressionFunctions: Readonly<Record<string, ExpressionFunction>> = {
  ...textFunctions,
  ...listFunctions,
  ...numberFunctions,
  type: {
    signature: "type(value)",
    summary: "`string`, `number`, `boolean`, `null`, `list` or `map`.",
    arity: [1, 1],
    run: ([value]) => typeName(value),
  },
  bool: {
    signature: "bool(value)",
    summary: 'false for null, false, 0, "", "false", "no" and empty lists and maps; else true.',
    arity: [1, 1],
    run: ([value]) =>
      typeof value === "object" && value !== null
        ? Object.keys(value).length > 0
        : ![undefined, null, false, 0, "", "false", "no"].includes(value as null),
  },
};

/** What looks like a function but decides itself which arguments are evaluated, and how often. */
export const expressionForms: Readonly<Record<string, Omit<ExpressionFunction, "run">>> = {
  has: {
    signature: "has(input.a.b)",
    summary: "Whether the path leads to something.",
    arity: [1, 1],
  },
  default: {
    signature: "default(value, otherwise)",
    summary: "The value, or the other one when it is missing or null.",
    arity: [2, 2],
  },
  orValue: {
    signature: "input.?a.orValue(otherwise)",
    summary: "After an optional access: the value, or the other one when it is missing.",
    arity: [2, 2],
  },
  map: {
    signature: "list.map(item, expression)",
    summary: "A list of the results.",
    arity: [3, 4],
  },
  filter: {
    signature: "list.filter(item, condition)",
    summary: "The items for which it holds.",
    arity: [3, 3],
  },
  all: {
    signature: "list.all(item, condition)",
    summary: "Whether it holds for every item.",
    arity: [3, 3],
  },
  exists: {
    signature: "list.exists(item, condition)",
    summary: "Whether it holds for one item at least.",
    arity: [3, 3],
  },
  exists_one: {
    signature: "list.exists_one(item, condition)",
    summary: "Whether it holds for exactly one item.",
    arity: [3, 3],
  },
};
