import { isSchema, rewrite } from "./schema.ts";

/** `allOf` with one schema, or with schemas that say different things, as one schema. */
export function mergeAllOf(schema: unknown): unknown {
  return rewrite(schema, ({ allOf, ...rest }) => {
    if (!Array.isArray(allOf)) return rest;
    const parts = allOf.filter(isSchema);
    const keys = [rest, ...parts].flatMap((part) => Object.keys(part));
    const repeated = keys.some((key, index) => keys.indexOf(key) !== index);
    // A closed part would forbid the properties of its neighbours.
    const closes = keys.includes("additionalProperties") && parts.length > 1;
    if (repeated || closes || parts.length !== allOf.length) return { ...rest, allOf };
    return Object.assign({}, rest, ...parts) as object;
  });
}
