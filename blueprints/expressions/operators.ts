import type { BinaryOperator } from "@marcbachmann/cel-js";
import { failed } from "./function.ts";
import type { Budget } from "./limits.ts";
import { contains } from "./list-functions.ts";
import { equals, toText, typeName } from "./values.ts";

type Operate = (left: unknown, right: unknown, budget: Budget) => unknown;

function mismatch(operator: string, left: unknown, right: unknown): never {
  throw failed(
    `${operator} does not work on ${typeName(left)} and ${typeName(right)}.`,
    "Convert with double(value) or string(value), or use default(value, otherwise) for null.",
  );
}

const arithmetic =
  (operator: string, work: (left: number, right: number) => number): Operate =>
  (left, right) => {
    if (typeof left !== "number" || typeof right !== "number") mismatch(operator, left, right);
    return work(left, right);
  };

const ordering =
  (operator: string, holds: (sign: number) => boolean): Operate =>
  (left, right, budget) => {
    if (typeof left === "number" && typeof right === "number") return holds(left - right);
    if (typeof left !== "string" || typeof right !== "string") mismatch(operator, left, right);
    budget.text(Math.min(left.length, right.length));
    return holds(left < right ? -1 : Number(left > right));
  };

function nonZero(operator: string, divisor: number): number {
  if (divisor !== 0) return divisor;
  throw failed(`${operator} by zero.`, "Check the divisor first, e.g. `n == 0 ? 0 : total / n`.");
}

const isScalar = (value: unknown): boolean => typeof value !== "object" || value === null;

const add: Operate = (left, right, budget) => {
  if (typeof left === "number" && typeof right === "number") return left + right;
  if (Array.isArray(left) && Array.isArray(right)) {
    budget.spend(left.length + right.length);
    return [...(left as unknown[]), ...(right as unknown[])];
  }
  const oneText = typeof left === "string" || typeof right === "string";
  if (!oneText || !isScalar(left) || !isScalar(right)) mismatch("+", left, right);
  const [first, second] = [toText(left), toText(right)];
  budget.text(first.length + second.length);
  return first + second;
};

/** Numbers are JavaScript's; nothing is converted but for `text + number`. */
export const binaryOperators: Readonly<Record<BinaryOperator, Operate>> = {
  "==": equals,
  "!=": (left, right, budget) => !equals(left, right, budget),
  in: (part, holder, budget) => contains(holder, part, budget),
  "+": add,
  "-": arithmetic("-", (left, right) => left - right),
  "*": arithmetic("*", (left, right) => left * right),
  "/": arithmetic("/", (left, right) => left / nonZero("/", right)),
  "%": arithmetic("%", (left, right) => left % nonZero("%", right)),
  "<": ordering("<", (sign) => sign < 0),
  "<=": ordering("<=", (sign) => sign <= 0),
  ">": ordering(">", (sign) => sign > 0),
  ">=": ordering(">=", (sign) => sign >= 0),
};
