import { constToEnum } from "./const-to-enum.ts";
import { inlineReferences } from "./inline-references.ts";
import { mergeAllOf } from "./merge-all-of.ts";
import { oneOfToAnyOf } from "./one-of-to-any-of.ts";
import { isSchema, type Schema } from "./schema.ts";

/** OpenAI's strict subset: https://platform.openai.com/docs/guides/structured-outputs */
const keywords = new Set([
  "type",
  "properties",
  "required",
  "additionalProperties",
  "items",
  "enum",
  "anyOf",
  "description",
  "title",
  "pattern",
  "format",
  "multipleOf",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "minItems",
  "maxItems",
]);
const dropped = new Set(["default", "examples", "$comment", "deprecated", "readOnly", "writeOnly"]);
const formats = [
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "uuid",
];
const strictLimits = { depth: 10, properties: 5_000, enums: 1_000, characters: 120_000 };

export interface StrictSchema {
  readonly schema: Schema;
  /** Properties that were optional: null means that they are left out. */
  readonly nullToOmit: readonly (readonly string[])[];
}

interface Conversion {
  readonly lossy: Set<string>;
  readonly omit: string[][];
  /** Paths at which null is a value of its own. */
  readonly keep: string[][];
  properties: number;
  enums: number;
  characters: number;
}

/**
 * The strict form, in which every property is required and optional ones may be null; or the reasons
 * why it would not say the same. `root` is normalised.
 */
export function toStrict(root: Schema): StrictSchema | { readonly lossy: string[] } {
  const inlined = inlineReferences(root);
  if (!inlined) return { lossy: ["recursive schema"] };
  const prepared = oneOfToAnyOf(mergeAllOf(constToEnum(inlined))) as Schema;
  const conversion: Conversion = {
    lossy: new Set(),
    omit: [],
    keep: [],
    properties: 0,
    enums: 0,
    characters: 0,
  };
  if (prepared["anyOf"] !== undefined) conversion.lossy.add("alternatives at the top level");
  const schema = convert(prepared, [], { conversion, depth: 1 });
  checkLimits(conversion);
  const kept = new Set(conversion.keep.map((path) => JSON.stringify(path)));
  if (conversion.omit.some((path) => kept.has(JSON.stringify(path)))) {
    conversion.lossy.add("null in one alternative, optional in another");
  }
  if (conversion.lossy.size > 0) return { lossy: [...conversion.lossy] };
  return { schema, nullToOmit: conversion.omit };
}

function checkLimits({ lossy, properties, enums, characters }: Conversion): void {
  if (properties > strictLimits.properties) lossy.add("too many properties");
  if (enums > strictLimits.enums) lossy.add("too many enum values");
  if (characters > strictLimits.characters) lossy.add("too much text");
}

interface Place {
  readonly conversion: Conversion;
  readonly depth: number;
}

function convert(schema: unknown, path: readonly string[], place: Place): Schema {
  const { conversion, depth } = place;
  if (!isSchema(schema)) {
    conversion.lossy.add("anything allowed");
    return {};
  }
  if (depth > strictLimits.depth) {
    conversion.lossy.add("too deep");
    return {};
  }
  for (const key of Object.keys(schema)) {
    if (!keywords.has(key) && !dropped.has(key)) conversion.lossy.add(key);
  }
  const kept = Object.fromEntries(Object.entries(schema).filter(([key]) => keywords.has(key)));
  checkText(kept, conversion);
  if (Array.isArray(kept["enum"])) {
    conversion.enums += kept["enum"].length;
    conversion.characters += JSON.stringify(kept["enum"]).length;
  }
  if (Array.isArray(kept["anyOf"])) {
    if (kept["type"] !== undefined || kept["properties"] !== undefined)
      conversion.lossy.add("anyOf beside type");
    return { ...kept, anyOf: kept["anyOf"].map((one) => convert(one, path, place)) };
  }
  const types = [kept["type"]].flat();
  if (kept["type"] === undefined && kept["enum"] === undefined)
    conversion.lossy.add("anything allowed");
  if (types.includes("array")) {
    return {
      ...kept,
      items: convert(kept["items"], [...path, "*"], { conversion, depth: depth + 1 }),
    };
  }
  return types.includes("object") ? convertObject(kept, path, place) : kept;
}

function checkText({ pattern, format }: Schema, { lossy }: Conversion): void {
  if (typeof pattern === "string" && /\(\?[=!<]/.test(pattern))
    lossy.add("lookaround in a pattern");
  if (typeof format === "string" && !formats.includes(format)) lossy.add(`format ${format}`);
}

function convertObject(schema: Schema, path: readonly string[], place: Place): Schema {
  const { conversion, depth } = place;
  const properties = isSchema(schema["properties"]) ? schema["properties"] : {};
  const names = Object.keys(properties);
  const open = schema["additionalProperties"];
  // A closed form of an object that says nothing about its properties would forbid them all.
  if (open !== false && (open !== undefined || (names.length === 0 && depth > 1))) {
    conversion.lossy.add("open object");
  }
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  if (required.some((name) => !names.includes(name as string)))
    conversion.lossy.add("required without schema");
  conversion.properties += names.length;
  const entries = names.map((name) => {
    conversion.characters += name.length;
    const here = [...path, name];
    const inner = convert(properties[name], here, { conversion, depth: depth + 1 });
    const nullable = allowsNull(inner);
    if (nullable) conversion.keep.push(here);
    if (required.includes(name)) return [name, inner] as const;
    if (nullable) conversion.lossy.add("optional and null");
    conversion.omit.push(here);
    return [name, withNull(inner)] as const;
  });
  return {
    ...schema,
    properties: Object.fromEntries(entries),
    required: names,
    additionalProperties: false,
  };
}

function allowsNull(schema: Schema): boolean {
  if (Array.isArray(schema["anyOf"])) return schema["anyOf"].some(allowsNull);
  if (Array.isArray(schema["enum"])) return schema["enum"].includes(null);
  return [schema["type"]].flat().includes("null");
}

function withNull(schema: Schema): Schema {
  if (Array.isArray(schema["anyOf"])) {
    return { ...schema, anyOf: [...(schema["anyOf"] as unknown[]), { type: "null" }] };
  }
  const list = schema["enum"];
  return {
    ...schema,
    ...(schema["type"] === undefined ? {} : { type: [...[schema["type"]].flat(), "null"] }),
    ...(Array.isArray(list) ? { enum: [...(list as unknown[]), null] } : {}),
  };
}
