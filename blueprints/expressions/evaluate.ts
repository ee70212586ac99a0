import type { ASTNode, BinaryOperator } from "@marcbachmann/cel-js";
import { AerostackError, InputError } from "../error.ts";
import { nearest } from "../nearest.ts";
import { type Evaluation, MissingError, plain, truth } from "./evaluation.ts";
import { failed } from "./function.ts";
import { expressionFunctions } from "./functions.ts";
import { forms } from "./forms.ts";
import { type Budget, createBudget, quote } from "./limits.ts";
import { binaryOperators } from "./operators.ts";
import { callOf } from "./parse.ts";
import { absent, isMap, readKey, typeName } from "./values.ts";

/** Runs a tree over `scope`. Throws InputError `expression.failed`. */
export function runTree(
  tree: ASTNode,
  source: string,
  scope: Readonly<Record<string, unknown>>,
): unknown {
  try {
    return plain(createEvaluation(scope, createBudget()).run(tree));
  } catch (error) {
    if (!(error instanceof AerostackError)) throw error;
    throw new InputError(
      "expression.failed",
      `\`${quote(source)}\`: ${error.message}`,
      error.fix ? { fix: error.fix } : {},
    );
  }
}

function createEvaluation(scope: Readonly<Record<string, unknown>>, budget: Budget): Evaluation {
  const evaluation: Evaluation = {
    scope,
    budget,
    run(node) {
      budget.spend(1);
      return visit(node, evaluation);
    },
    within: (names) => createEvaluation({ ...scope, ...names }, budget),
  };
  return evaluation;
}

type BinaryNode = Extract<ASTNode, { op: BinaryOperator }>;

function isBinary(node: ASTNode): node is BinaryNode {
  return Object.hasOwn(binaryOperators, node.op);
}

function visit(node: ASTNode, evaluation: Evaluation): unknown {
  if (isBinary(node)) {
    const [left, right] = node.args;
    const operate = binaryOperators[node.op];
    return operate(plain(evaluation.run(left)), plain(evaluation.run(right)), evaluation.budget);
  }
  switch (node.op) {
    case "value":
      return literal(node.args);
    case "id":
      return readName(node.args, evaluation);
    case ".":
    case ".?":
      return access(evaluation.run(node.args[0]), node.args[1], node.op === ".?");
    case "[]":
    case "[?]":
      return access(
        evaluation.run(node.args[0]),
        plain(evaluation.run(node.args[1])),
        node.op === "[?]",
      );
    case "list":
      return node.args.map((item) => plain(evaluation.run(item)));
    case "map":
      return Object.fromEntries(
        node.args.map(([key, value]) => [mapKey(key, evaluation), plain(evaluation.run(value))]),
      );
    case "call":
    case "rcall":
      return call(node, evaluation);
    case "?:":
      return evaluation.run(truth(node.args[0], evaluation, "? :") ? node.args[1] : node.args[2]);
    case "&&":
      return truth(node.args[0], evaluation, "and") && truth(node.args[1], evaluation, "and");
    case "||":
      return truth(node.args[0], evaluation, "or") || truth(node.args[1], evaluation, "or");
    case "!_":
      return !truth(node.args, evaluation, "not");
    case "-_":
      return negative(plain(evaluation.run(node.args)));
    default:
      throw failed(`it uses ${JSON.stringify(node)}.`, "Write it without.");
  }
}

function literal(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  throw failed("bytes and unsigned numbers are not supported.", "Write a text or a plain number.");
}

function readName(name: string, { scope }: Evaluation): unknown {
  const value = readKey(scope, name);
  if (value !== undefined) return value;
  const names = Object.keys(scope);
  throw new MissingError("expression.failed", `there is no "${name}" here.`, {
    fix: `Use ${nearest(name, names) ?? `one of: ${names.join(", ")}`}.`,
  });
}

function access(holder: unknown, key: unknown, optional: boolean): unknown {
  if (holder === absent) return absent;
  const value = readKey(holder, key);
  if (value !== undefined) return value;
  if (optional) return absent;
  const shown = typeof key === "string" ? `"${key.slice(0, 60)}"` : `[${String(key)}]`;
  throw new MissingError("expression.failed", `there is no ${shown} in the ${typeName(holder)}.`, {
    fix: missingFix(holder, key),
  });
}

function missingFix(holder: unknown, key: unknown): string {
  if (key === "length") return "Use size(value).";
  const other = isMap(holder) ? nearest(String(key), Object.keys(holder)) : undefined;
  const optional = "default(path, otherwise) where it may be missing";
  return other ? `Use "${other}", or ${optional}.` : `Use ${optional}.`;
}

function mapKey(node: ASTNode, evaluation: Evaluation): string {
  if (node.op === "id" && readKey(evaluation.scope, node.args) === undefined) return node.args;
  const key = plain(evaluation.run(node));
  if (typeof key === "string" || typeof key === "number") return String(key);
  throw failed(`a key of a map must be a text, got ${typeName(key)}.`, "Quote the key.");
}

function negative(value: unknown): number {
  if (typeof value === "number") return -value;
  throw failed(`- needs a number, got ${typeName(value)}.`, "Use double(value) to make a number.");
}

function call(node: ASTNode, evaluation: Evaluation): unknown {
  const { name, args } = callOf(node) ?? { name: "", args: [] };
  const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
  if (form) return form(args, evaluation);
  const values = args.map((argument) => plain(evaluation.run(argument)));
  return expressionFunctions[name]?.run(values, evaluation.budget);
}
