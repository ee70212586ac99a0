/** How deep a sample goes; below that, nothing. */
const deepest = 8;

type Schema = Readonly<Record<string, unknown>>;

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value that plain JSON Schemas accept, for tests that do not say what comes. */
export function sampleOf(schema: unknown, depth = 0): unknown {
  if (!isSchema(schema) || depth > deepest) return null;
  const { examples, enum: choices } = schema;
  for (const key of ["const", "default"]) if (key in schema) return schema[key];
  if (Array.isArray(examples) && examples.length > 0) return examples[0];
  if (Array.isArray(choices) && choices.length > 0) return choices[0];
  const type: unknown = Array.isArray(schema["type"]) ? schema["type"][0] : schema["type"];
  switch (type) {
    case "object":
      return sampleObject(schema, depth);
    case "array":
      return Array.from({ length: Number(schema["minItems"] ?? 0) }, () =>
        sampleOf(schema["items"], depth + 1),
      );
    case "string":
      return "text".padEnd(Number(schema["minLength"] ?? 0), ".");
    case "number":
    case "integer":
      return Number(schema["minimum"] ?? 0);
    case "boolean":
      return false;
    default:
      return null;
  }
}

function sampleObject({ properties, required }: Schema, depth: number): Record<string, unknown> {
  const fields = isSchema(properties) ? properties : {};
  const names = Array.isArray(required) ? required : [];
  return Object.fromEntries(
    names.map((name) => [String(name), sampleOf(fields[String(name)], depth + 1)]),
  );
}
