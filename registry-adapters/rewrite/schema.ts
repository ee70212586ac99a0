/** A schema while it is rewritten; `true` and `false` are schemas too. */
export type Schema = Record<string, unknown>;

export function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Keywords that hold a map of schemas, a list of them, or one schema. */
const inMaps = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"];
const inLists = ["anyOf", "oneOf", "allOf", "prefixItems"];
const alone = [
  "items",
  "additionalProperties",
  "unevaluatedProperties",
  "unevaluatedItems",
  "propertyNames",
  "contains",
  "not",
  "if",
  "then",
  "else",
];

/** The same schema with every schema right inside it replaced. Keys keep their order. */
export function mapChildren(
  schema: Schema,
  change: (inner: unknown, key: string) => unknown,
): Schema {
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]): [string, unknown] => {
      if (inMaps.includes(key) && isSchema(value)) {
        const inner = Object.entries(value).map(([name, one]) => [name, change(one, key)] as const);
        return [key, Object.fromEntries(inner)];
      }
      if (inLists.includes(key) && Array.isArray(value)) {
        return [key, value.map((one) => change(one, key))];
      }
      return [key, alone.includes(key) ? change(value, key) : value];
    }),
  );
}

/** Every schema, innermost first, replaced. */
export function rewrite(schema: unknown, change: (inner: Schema) => unknown): unknown {
  if (!isSchema(schema)) return schema;
  return change(mapChildren(schema, (inner) => rewrite(inner, change)));
}

/** The schema that a local reference names; undefined: none. */
export function lookUp(reference: unknown, root: Schema): unknown {
  if (reference === "#") return root;
  if (typeof reference !== "string" || !reference.startsWith("#/")) return undefined;
  let at: unknown = root;
  for (const part of reference.slice(2).split("/")) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Schema)[key];
  }
  return at;
}
