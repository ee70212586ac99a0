import type { Budget } from "./limits.ts";

/** What an optional access (`.?name`) answers when there is nothing; it spreads along the chain. */
export const absent: unique symbol = Symbol("absent");

/** The name of a value's type, as messages and `type()` show it. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined || value === absent) return "null";
  if (Array.isArray(value)) return "list";
  return typeof value === "object" ? "map" : typeof value;
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Own data only: nothing of a prototype is ever visible. `undefined`: not there. */
export function readKey(value: unknown, key: unknown): unknown {
  if (Array.isArray(value)) {
    return typeof key === "number" && Number.isInteger(key) && key >= 0 ? value[key] : undefined;
  }
  if (!isMap(value) || (typeof key !== "string" && typeof key !== "number")) return undefined;
  return Object.hasOwn(value, key) ? (value[key] ?? null) : undefined;
}

/** Deep and without conversions: `1 == "1"` is false. */
export function equals(left: unknown, right: unknown, budget: Budget): boolean {
  budget.spend(1);
  if (typeof left === "string" && typeof right === "string") {
    budget.text(Math.min(left.length, right.length));
  }
  if (left === right) return true;
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => equals(item, right[index], budget))
    );
  }
  if (!isMap(left) || !isMap(right)) return (left ?? null) === (right ?? null);
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && equals(left[key], right[key], budget))
  );
}

/** How a value stands inside a longer text: maps and lists as JSON, null as nothing. */
export function toText(value: unknown): string {
  if (value === null || value === undefined || value === absent) return "";
  if (typeof value === "string") return value;
  return JSON.stringify(value) ?? "";
}
