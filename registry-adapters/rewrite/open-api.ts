import { constToEnum } from "./const-to-enum.ts";
import { inlineReferences } from "./inline-references.ts";
import { mergeAllOf } from "./merge-all-of.ts";
import { isSchema, type Schema } from "./schema.ts";

/** Gemini's `Schema`, an OpenAPI 3.0 subset: https://ai.google.dev/api/caching#Schema */
const keywords = new Set([
  "default",
  "description",
  "enum",
  "example",
  "format",
  "items",
  "maxItems",
  "maxLength",
  "maxProperties",
  "maximum",
  "minItems",
  "minLength",
  "minProperties",
  "minimum",
  "pattern",
  "properties",
  "required",
  "title",
  "type",
]);
const propertyName = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

export interface OpenApiSchema {
  readonly schema: Schema;
  /** Keywords that this form does not have; they stand in the descriptions instead. */
  readonly lossy: readonly string[];
}

/** The OpenAPI form of a normalised schema; undefined where recursion or a name cannot be said. */
export function toOpenApi(root: Schema): OpenApiSchema | undefined {
  const inlined = inlineReferences(root);
  if (!inlined) return undefined;
  const lossy = new Set<string>();
  let names = true;
  const convert = (value: unknown): Schema => {
    if (!isSchema(value)) {
      lossy.add("anything allowed");
      return {};
    }
    const { schema, nullable } = withoutNull(value);
    const anyOf = schema["anyOf"] ?? schema["oneOf"];
    if (schema["oneOf"] !== undefined) lossy.add("oneOf");
    const note = (nullable ? { nullable: true } : {}) as Schema;
    const { rest, description } = split(schema, lossy);
    // Nothing may stand beside `anyOf` but words.
    if (Array.isArray(anyOf)) return { ...description, ...note, anyOf: anyOf.map(convert) };
    const properties = isSchema(rest["properties"]) ? rest["properties"] : undefined;
    if (properties && !Object.keys(properties).every((name) => propertyName.test(name)))
      names = false;
    return {
      ...rest,
      ...description,
      ...note,
      ...texts(rest),
      ...(rest["items"] === undefined ? {} : { items: convert(rest["items"]) }),
      ...(properties
        ? {
            properties: Object.fromEntries(
              Object.entries(properties).map(([name, inner]) => [name, convert(inner)]),
            ),
            propertyOrdering: Object.keys(properties),
          }
        : {}),
    };
  };
  const schema = convert(mergeAllOf(constToEnum(inlined)));
  return names ? { schema, lossy: [...lossy] } : undefined;
}

/** Takes `null` out of types, enums and alternatives: here it is `nullable`. */
function withoutNull(schema: Schema): { schema: Schema; nullable: boolean } {
  const types = [schema["type"]].flat().filter((type) => type !== undefined);
  const others = types.filter((type) => type !== "null");
  const list = schema["anyOf"];
  const branches = Array.isArray(list)
    ? list.filter((one) => !(isSchema(one) && one["type"] === "null"))
    : undefined;
  const nullable =
    others.length < types.length || (Array.isArray(list) && branches!.length < list.length);
  const { type: _type, anyOf: _anyOf, ...rest } = schema;
  if (branches?.length === 1 && isSchema(branches[0])) {
    return { schema: { ...branches[0], ...rest }, nullable };
  }
  if (branches) return { schema: { ...rest, anyOf: branches }, nullable };
  if (others.length > 1)
    return { schema: { anyOf: others.map((type) => ({ ...rest, type })) }, nullable };
  return { schema: others.length === 1 ? { ...rest, type: others[0] } : rest, nullable };
}

/** What can be said, and a description that says the rest. */
function split(schema: Schema, lossy: Set<string>): { rest: Schema; description: Schema } {
  const entries = Object.entries(schema);
  const rest = Object.fromEntries(entries.filter(([key]) => keywords.has(key)));
  const left = entries.filter(
    ([key, value]) =>
      !keywords.has(key) && !["anyOf", "oneOf", "$comment"].includes(key) && value !== undefined,
  );
  const said = left.filter(([key, value]) => !(key === "additionalProperties" && value === false));
  for (const [key] of said) lossy.add(key);
  const words = said.map(([key, value]) => `${key}: ${JSON.stringify(value).slice(0, 300)}`);
  const own = typeof schema["description"] === "string" ? [schema["description"]] : [];
  const text = [...own, ...(words.length > 0 ? [`(${words.join("; ")})`] : [])].join(" ");
  return { rest, description: text === "" ? {} : { description: text } };
}

/** Values of an `enum` are texts here. */
function texts({ enum: values, type }: Schema): Schema {
  if (!Array.isArray(values)) return {};
  const list = values
    .filter((value) => value !== null)
    .map((value) => (typeof value === "string" ? value : JSON.stringify(value)));
  return { enum: list, format: "enum", type: type ?? "string" };
}
