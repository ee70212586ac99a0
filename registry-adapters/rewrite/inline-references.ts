import { isSchema, lookUp, mapChildren, type Schema } from "./schema.ts";

const mostSchemas = 2_000;

/** The schema without references; undefined when one leads back to itself or it grows too large. */
export function inlineReferences(root: Schema): Schema | undefined {
  let left = mostSchemas;
  const visit = (schema: unknown, within: readonly string[]): unknown => {
    if (!isSchema(schema)) return schema;
    left -= 1;
    if (left < 0) throw stop;
    const reference = schema["$ref"];
    if (typeof reference !== "string") return mapChildren(schema, (inner) => visit(inner, within));
    if (within.includes(reference)) throw stop;
    const { $ref: _reference, ...beside } = schema;
    const target = visit(lookUp(reference, root), [...within, reference]);
    return isSchema(target) ? { ...target, ...beside } : target;
  };
  const { $defs: _definitions, ...rest } = root;
  try {
    return visit(rest, ["#"]) as Schema;
  } catch (error) {
    if (error === stop) return undefined;
    throw error;
  }
}

const stop = Symbol("recursive or too large");
