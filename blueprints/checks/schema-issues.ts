import { z } from "zod";
import { nearest } from "../nearest.ts";
import { quoteValue, valueAt } from "./path.ts";

/** A zod issue in words: where, what and what to do. */
export interface SchemaIssue {
  readonly path: PropertyKey[];
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

type ZodIssue = z.core.$ZodIssue;

/** Says what is wrong with `value`; `schema` gives the names that could have been meant. */
export function explainIssues(
  schema: z.ZodType,
  value: unknown,
  issues: readonly ZodIssue[],
): SchemaIssue[] {
  return issues.slice(0, 100).flatMap((issue) => explain(schema, value, issue));
}

function explain(schema: z.ZodType, value: unknown, issue: ZodIssue): SchemaIssue[] {
  const path = [...issue.path];
  const name = path.length > 0 ? `"${String(path.at(-1))}"` : "The value";
  const found = valueAt(value, path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.slice(0, 20).map((key) => ({
        path: [...path, key],
        code: "blueprint.unknown-field",
        message: `There is no field "${key.slice(0, 60)}" here.`,
        fix: fieldFix(key, fieldsAt(schema, path)),
      }));
    case "invalid_type":
      return [
        found === undefined
          ? {
              path,
              code: "blueprint.missing-field",
              message: `${name} is missing.`,
              fix: `Add ${name}: ${issue.expected}.`,
            }
          : {
              path,
              code: "blueprint.wrong-type",
              message: `${name} is ${quoteValue(found)}, which is not a ${issue.expected}.`,
              fix: `Make it a ${issue.expected}.`,
            },
      ];
    case "invalid_value":
      return [wrongValue(path, name, found, issue.values)];
    case "invalid_union":
      return explainUnion(schema, value, issue);
    case "too_big":
    case "too_small":
    case "invalid_format":
    case "not_multiple_of":
    case "invalid_key":
    case "invalid_element":
    case "custom":
    default:
      return [
        {
          path,
          code: "blueprint.invalid-value",
          message: `${name} is ${quoteValue(found)}: ${issue.message}.`,
          fix: `Change ${name}: ${issue.message}.`,
        },
      ];
  }
}

function wrongValue(
  path: PropertyKey[],
  name: string,
  found: unknown,
  values: readonly unknown[],
): SchemaIssue {
  const other = typeof found === "string" ? nearest(found, values.map(String)) : undefined;
  const all = values.slice(0, 30).map(quoteValue).join(", ");
  return {
    path,
    code: "blueprint.invalid-value",
    message: `${name} is ${quoteValue(found)}.`,
    fix: other ? `Use "${other}"; possible are ${all}.` : `Use one of: ${all}.`,
  };
}

/** Of several shapes the one that is nearest to fitting speaks. */
function explainUnion(
  schema: z.ZodType,
  value: unknown,
  issue: Extract<ZodIssue, { code: "invalid_union" }>,
): SchemaIssue[] {
  const branches = issue.errors.filter((errors) => errors.length > 0);
  const best = branches.toSorted((a, b) => weight(a) - weight(b))[0];
  if (best) {
    const inner = best.slice(0, 20).map((one) => ({ ...one, path: [...issue.path, ...one.path] }));
    return inner.flatMap((one) => explain(schema, value, one));
  }
  const options = "options" in issue && Array.isArray(issue.options) ? issue.options : [];
  const found = valueAt(value, issue.path);
  const name = `"${String(issue.path.at(-1) ?? "value")}"`;
  return [wrongValue([...issue.path], name, found, options)];
}

/** An unknown or missing field speaks more against a shape than a wrong value. */
function weight(errors: readonly ZodIssue[]): number {
  return errors.reduce((sum, one) => {
    if (one.code === "unrecognized_keys") return sum + 3 * one.keys.length;
    return sum + (one.code === "invalid_type" ? 2 : 1);
  }, 0);
}

function fieldFix(key: string, fields: readonly string[]): string {
  const other = nearest(key, fields);
  if (other) return `Rename it to "${other}".`;
  return fields.length > 0 ? `Use one of: ${fields.join(", ")}.` : `Remove "${key.slice(0, 60)}".`;
}

/** The fields of the object schema at a path; empty where it cannot be told. */
function fieldsAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let current: unknown[] = shapesOf(schema);
  for (const key of path) {
    current = current.flatMap((inner) => {
      if (inner instanceof z.ZodArray) return shapesOf(inner.element);
      return inner instanceof z.ZodObject ? shapesOf(inner.shape[String(key)]) : [];
    });
  }
  const fields = current.flatMap((one) =>
    one instanceof z.ZodObject ? Object.keys(one.shape) : [],
  );
  return [...new Set(fields)];
}

/** The schema without its wrapping, and every option of a union. */
function shapesOf(schema: unknown): unknown[] {
  const inner = unwrapSchema(schema);
  return inner instanceof z.ZodUnion ? inner.options.flatMap(shapesOf) : [inner];
}

function unwrapSchema(schema: unknown): unknown {
  let current = schema;
  while (current instanceof z.ZodOptional || current instanceof z.ZodDefault) {
    current = current.unwrap();
  }
  return current;
}
