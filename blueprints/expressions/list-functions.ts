import { type ExpressionFunction, failed, listArgument, textArgument } from "./function.ts";
import type { Budget } from "./limits.ts";
import { equals, isMap, readKey, toText, typeName } from "./values.ts";

/** Whether a list has the item, a text the part or a map the key. */
export function contains(holder: unknown, part: unknown, budget: Budget): boolean {
  if (Array.isArray(holder)) return holder.some((item) => equals(item, part, budget));
  if (typeof holder === "string") {
    budget.text(holder.length);
    return holder.includes(textArgument(part, "contains"));
  }
  if (isMap(holder)) return readKey(holder, part) !== undefined;
  throw failed(
    `contains() needs a list, text or map, got ${typeName(holder)}.`,
    "Use default(value, []) where the value may be missing.",
  );
}

function size(value: unknown): number {
  if (typeof value === "string" || Array.isArray(value)) return value.length;
  if (isMap(value)) return Object.keys(value).length;
  throw failed(
    `size() needs a list, text or map, got ${typeName(value)}.`,
    "Use default(value, []) where the value may be missing.",
  );
}

/** Numbers before texts; anything else cannot be ordered. */
function compare(left: unknown, right: unknown): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (typeof left === "string" && typeof right === "string") {
    return left < right ? -1 : Number(left > right);
  }
  throw failed(
    `sort() cannot order ${typeName(left)} and ${typeName(right)}.`,
    "Sort a list of numbers or a list of texts; map it to the field first.",
  );
}

const onList = (
  name: string,
  summary: string,
  work: (list: readonly unknown[], budget: Budget) => unknown,
) =>
  ({
    signature: `${name}(list)`,
    summary,
    arity: [1, 1],
    run([value], budget) {
      const list = listArgument(value, name);
      budget.spend(list.length);
      return work(list, budget);
    },
  }) satisfies ExpressionFunction;

const onMap = (
  name: string,
  summary: string,
  work: (map: Record<string, unknown>) => readonly unknown[],
) =>
  ({
    signature: `${name}(map)`,
    summary,
    arity: [1, 1],
    run([value], budget) {
      if (!isMap(value))
        throw failed(`${name}() needs a map, got ${typeName(value)}.`, "Pass a map.");
      const items = work(value);
      budget.spend(items.length);
      return items;
    },
  }) satisfies ExpressionFunction;

/** Functions over lists and maps. */
export const listFunctions: Readonly<Record<string, ExpressionFunction>> = {
  size: {
    signature: "size(value)",
    summary: "How many items, characters or keys.",
    arity: [1, 1],
    run: ([value]) => size(value),
  },
  contains: {
    signature: "contains(list | text | map, part)",
    summary: "Whether the item, the part of the text or the key is there.",
    arity: [2, 2],
    run: ([holder, part], budget) => contains(holder, part, budget),
  },
  join: {
    signature: 'join(list, separator = "")',
    summary: "The items as one text.",
    arity: [1, 2],
    run([value, separator], budget) {
      const put = separator === undefined ? "" : textArgument(separator, "join");
      const parts = listArgument(value, "join").map((item) => {
        const part = toText(item);
        budget.text(part.length + put.length);
        return part;
      });
      budget.text(parts.reduce((sum, part) => sum + part.length + put.length, 0));
      return parts.join(put);
    },
  },
  first: onList("first", "The first item, or null.", (list) => list[0] ?? null),
  last: onList("last", "The last item, or null.", (list) => list.at(-1) ?? null),
  reverse: onList("reverse", "In the opposite order.", (list) => list.toReversed()),
  sort: onList("sort", "Numbers or texts in rising order.", (list, budget) => {
    budget.spend(list.length * Math.ceil(Math.log2(list.length + 1)));
    return list.toSorted(compare);
  }),
  unique: onList("unique", "Without repeated items.", (list, budget) => {
    const kept: unknown[] = [];
    for (const item of list) {
      if (!kept.some((other) => equals(other, item, budget))) kept.push(item);
    }
    return kept;
  }),
  slice: {
    signature: "slice(list, start, end?)",
    summary: "The items from `start` up to `end`, counted from 0.",
    arity: [2, 3],
    run([value, start, end], budget) {
      const list = listArgument(value, "slice");
      budget.spend(list.length);
      return list.slice(Number(start), end === undefined ? undefined : Number(end));
    },
  },
  keys: onMap("keys", "The keys of a map.", (map) => Object.keys(map)),
  values: onMap("values", "The values of a map.", (map) => Object.values(map)),
};
