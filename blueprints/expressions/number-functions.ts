import {
  type ExpressionFunction,
  failed,
  listArgument,
  numberArgument,
  textArgument,
} from "./function.ts";
import { typeName } from "./values.ts";

function toNumber(value: unknown, name: string): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return Number(value);
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  if (Number.isFinite(number)) return number;
  const shown = typeof value === "string" ? JSON.stringify(value.slice(0, 60)) : typeName(value);
  throw failed(
    `${name}() cannot make a number of ${shown}.`,
    'Pass a number or a text such as "12.5".',
  );
}

const onNumber = (name: string, summary: string, change: (value: number) => number) =>
  ({
    signature: `${name}(number)`,
    summary,
    arity: [1, 1],
    run: ([value]) => change(numberArgument(value, name)),
  }) satisfies ExpressionFunction;

/** `f(list)` or `f(a, b, ...)`. */
const overNumbers = (
  name: string,
  summary: string,
  fold: (values: readonly number[]) => number | null,
) =>
  ({
    signature: `${name}(list) or ${name}(a, b, ...)`,
    summary,
    arity: [1, 32],
    run(args, budget) {
      const values = args.length === 1 ? listArgument(args[0], name) : args;
      budget.spend(values.length);
      return fold(values.map((value) => numberArgument(value, name)));
    },
  }) satisfies ExpressionFunction;

const double: ExpressionFunction = {
  signature: "double(value)",
  summary: "As a number; a text is read as one.",
  arity: [1, 1],
  run: ([value]) => toNumber(value, "double"),
};

/** Functions over numbers and times. */
export const numberFunctions: Readonly<Record<string, ExpressionFunction>> = {
  double,
  number: { ...double, signature: "number(value)" },
  int: {
    signature: "int(value)",
    summary: "As a whole number, cut towards zero.",
    arity: [1, 1],
    run: ([value]) => Math.trunc(toNumber(value, "int")),
  },
  round: {
    signature: "round(number, digits = 0)",
    summary: "Rounded to so many digits after the point.",
    arity: [1, 2],
    run([value, digits]) {
      const places = digits === undefined ? 0 : numberArgument(digits, "round");
      const factor = 10 ** Math.min(15, Math.max(0, Math.trunc(places)));
      return Math.round((numberArgument(value, "round") + Number.EPSILON) * factor) / factor;
    },
  },
  floor: onNumber("floor", "The whole number below.", Math.floor),
  ceil: onNumber("ceil", "The whole number above.", Math.ceil),
  abs: onNumber("abs", "Without its sign.", Math.abs),
  sum: overNumbers("sum", "All added; 0 for none.", (values) => values.reduce((a, b) => a + b, 0)),
  min: overNumbers("min", "The least, null for none.", (values) =>
    values.reduce<number | null>((a, b) => (a === null || b < a ? b : a), null),
  ),
  max: overNumbers("max", "The greatest, null for none.", (values) =>
    values.reduce<number | null>((a, b) => (a === null || b > a ? b : a), null),
  ),
  timestamp: {
    signature: "timestamp(text)",
    summary: "Milliseconds since 1970 of an ISO 8601 time, for comparing and subtracting.",
    arity: [1, 1],
    run([value]) {
      const time = typeof value === "number" ? value : Date.parse(textArgument(value, "timestamp"));
      if (!Number.isNaN(time)) return time;
      throw failed(
        "timestamp() got something that is not a time.",
        'Pass a time such as "2026-01-31T12:00:00Z".',
      );
    },
  },
  isoTime: {
    signature: "isoTime(milliseconds)",
    summary: "The ISO 8601 text of a time in milliseconds since 1970.",
    arity: [1, 1],
    run([value]) {
      const date = new Date(numberArgument(value, "isoTime"));
      if (!Number.isNaN(date.getTime())) return date.toISOString();
      throw failed("isoTime() got a number outside of time.", "Pass milliseconds since 1970.");
    },
  },
};
