import type { BlueprintCheck, Report } from "./check.ts";
import { formatPath, quoteValue } from "./path.ts";

const types = ["object", "array", "string", "number", "integer", "boolean", "null"];
/** Keywords whose value is a map of schemas, a list of them, or one. */
const maps = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"];
const lists = ["anyOf", "oneOf", "allOf", "prefixItems"];
const single = ["items", "additionalProperties", "not", "if", "then", "else", "contains"];

/** JSON Schemas are well formed and refer only to themselves; tools take objects. */
export const checkJsonSchemas: BlueprintCheck = ({ blueprint }, report) => {
  blueprint.functions.forEach(({ input, output, name, use }, index) => {
    const path = `functions[${index}]`;
    checkSchema(input, { root: input, path: `${path}.input`, report });
    checkSchema(output, { root: output, path: `${path}.output`, report });
    if (use !== undefined || input["type"] === "object") return;
    report({
      code: "schema.not-an-object",
      path: `${path}.input.type`,
      message: `The input of function "${name}" is not an object, so it could not be called as a tool.`,
      fix: 'Write {"type": "object", "properties": {...}, "required": [...]}.',
    });
  });
  blueprint.workflows.forEach(({ input }, index) => {
    checkSchema(input, { root: input, path: `workflows[${index}].input`, report });
  });
};

interface Place {
  readonly root: unknown;
  readonly path: string;
  readonly report: Report;
}

function checkSchema(schema: unknown, place: Place): void {
  if (typeof schema === "boolean") return;
  const { path, report } = place;
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) {
    report({
      code: "schema.invalid",
      path,
      message: `${quoteValue(schema)} is not a JSON Schema.`,
      fix: 'Write a schema such as {"type": "string"}.',
    });
    return;
  }
  const here = schema as Record<string, unknown>;
  checkKeywords(here, place);
  const inside = (value: unknown, ...keys: PropertyKey[]): void =>
    checkSchema(value, { ...place, path: formatPath(keys, path) });
  for (const key of single) if (Object.hasOwn(here, key)) inside(here[key], key);
  for (const key of lists) {
    const list = here[key];
    if (Array.isArray(list)) list.forEach((item, index) => inside(item, key, index));
  }
  for (const key of maps) {
    const map = here[key];
    if (typeof map !== "object" || map === null) continue;
    for (const [name, value] of Object.entries(map)) inside(value, key, name);
  }
}

function checkKeywords(schema: Record<string, unknown>, { root, path, report }: Place): void {
  const reference = schema["$ref"];
  if (reference !== undefined && !isLocal(reference, root)) {
    report({
      code: "schema.foreign-reference",
      path: `${path}.$ref`,
      message: `The reference ${quoteValue(reference)} leads nowhere in this schema.`,
      fix: 'Put the schema under "$defs" and refer to it as "#/$defs/name".',
    });
  }
  const type = schema["type"];
  const wrong = [type]
    .flat()
    .find((one) => one !== undefined && !types.some((name) => name === one));
  if (wrong !== undefined) {
    report({
      code: "schema.invalid",
      path: `${path}.type`,
      message: `There is no type ${quoteValue(wrong)}.`,
      fix: `Use one of: ${types.join(", ")}.`,
    });
  }
  const required = schema["required"];
  if (required !== undefined && !isTexts(required)) {
    report({
      code: "schema.invalid",
      path: `${path}.required`,
      message: `"required" is ${quoteValue(required)}, not a list of names.`,
      fix: 'Write "required": ["name"] beside "properties".',
    });
  }
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isLocal(reference: unknown, root: unknown): boolean {
  if (reference === "#") return true;
  if (typeof reference !== "string" || !reference.startsWith("#/")) return false;
  let at = root;
  for (const key of reference.slice(2).split("/")) {
    const name = key.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, name)) return false;
    at = (at as Record<string, unknown>)[name];
  }
  return true;
}
