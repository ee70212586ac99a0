import { isSchema, rewrite, type Schema } from "./schema.ts";

/** `oneOf` as `anyOf` where no value fits two branches, so that both say the same. */
export function oneOfToAnyOf(schema: unknown): unknown {
  return rewrite(schema, ({ oneOf, ...rest }) => {
    if (oneOf === undefined) return rest;
    const branches = Array.isArray(oneOf) ? oneOf.filter(isSchema) : [];
    const same = rest["anyOf"] === undefined && branches.length > 0 && areDisjoint(branches);
    return same ? { ...rest, anyOf: branches } : { ...rest, oneOf };
  });
}

/** Different primitive types, or objects told apart by one required property. */
function areDisjoint(branches: readonly Schema[]): boolean {
  const types = branches.map((branch) => branch["type"]);
  const told = types.every((type) => typeof type === "string");
  const numeric = types.includes("integer") && types.includes("number");
  if (told && !numeric && new Set(types).size === types.length) return true;
  if (!types.every((type) => type === "object")) return false;
  return requiredOf(branches[0]).some((name) => {
    const values = branches.map((branch) =>
      requiredOf(branch).includes(name) ? valuesOf(branch, name) : [],
    );
    const all = values.flat().map((value) => JSON.stringify(value));
    return values.every((one) => one.length > 0) && new Set(all).size === all.length;
  });
}

function requiredOf(schema: Schema | undefined): string[] {
  const required = schema?.["required"];
  return Array.isArray(required) ? required.filter((name) => typeof name === "string") : [];
}

function valuesOf(schema: Schema, name: string): unknown[] {
  const properties = schema["properties"];
  const property = isSchema(properties) ? properties[name] : undefined;
  if (!isSchema(property)) return [];
  if (property["const"] !== undefined) return [property["const"]];
  return Array.isArray(property["enum"]) ? property["enum"] : [];
}
