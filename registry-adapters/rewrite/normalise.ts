import { InputError } from "#blueprints/error";
import type { JsonSchema } from "../dialect.ts";
import { isSchema, lookUp, rewrite, type Schema } from "./schema.ts";

/** What a schema may be at most before anything is made of it. */
const schemaLimits = { characters: 64_000, depth: 32, values: 10_000 } as const;

/**
 * JSON Schema 2020-12 about an object, without `$schema`: `definitions` becomes `$defs`, a missing
 * `properties` is added. Throws InputError `adapter.*` for what is too large, too deep, not about an
 * object, or refers to something outside.
 */
export function normalise(schema: JsonSchema): Schema {
  measure(schema);
  const { $schema: _dialect, ...root } = rewrite(structuredClone(schema), modernise) as Schema;
  if (root["type"] !== undefined && root["type"] !== "object") {
    throw new InputError("adapter.not-an-object", "The arguments of a tool must be an object.", {
      fix: 'Write {"type": "object", "properties": {...}}.',
    });
  }
  checkReferences(root, root);
  return { ...root, type: "object", properties: root["properties"] ?? {} };
}

function modernise({ definitions, $ref: reference, ...rest }: Schema): Schema {
  return {
    ...rest,
    ...(typeof reference === "string"
      ? { $ref: reference.replace(/^#\/definitions\//, "#/$defs/") }
      : {}),
    ...(isSchema(definitions) ? { $defs: { ...definitions, ...(rest["$defs"] as object) } } : {}),
  };
}

function measure(schema: unknown): void {
  const open = [{ value: schema, depth: 0 }];
  let values = 0;
  let characters = 0;
  for (let entry = open.pop(); entry; entry = open.pop()) {
    const { value, depth } = entry;
    values += 1;
    if (typeof value === "string") characters += value.length;
    const inner = typeof value === "object" && value !== null ? Object.entries(value) : [];
    for (const [key, item] of inner) {
      characters += key.length;
      open.push({ value: item as unknown, depth: depth + 1 });
    }
    const tooLarge = values > schemaLimits.values || characters > schemaLimits.characters;
    // A schema inside another is two levels down: `properties`, then its name.
    if (!tooLarge && depth <= 2 * schemaLimits.depth) continue;
    throw new InputError(
      "adapter.schema-too-large",
      `The schema has more than ${schemaLimits.characters} characters or ${schemaLimits.depth} levels.`,
      { fix: "Ask for less in one call; a free-form part may be one object without properties." },
    );
  }
}

function checkReferences(schema: unknown, root: Schema): void {
  rewrite(schema, (inner) => {
    const bad = ["$ref", "$dynamicRef", "$recursiveRef"].find(
      (key) => inner[key] !== undefined && (key !== "$ref" || !lookUp(inner[key], root)),
    );
    if (bad === undefined) return inner;
    throw new InputError(
      "adapter.foreign-reference",
      `The reference ${JSON.stringify(inner[bad])} leads out of the schema.`,
      { fix: 'Put the schema under "$defs" and refer to it as "#/$defs/name".' },
    );
  });
}
