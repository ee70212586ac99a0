/** The least input that a JSON Schema asks for. */
export function sampleOf(schema: unknown, depth = 0): unknown {
  if (typeof schema !== "object" || schema === null || depth > 6) return null;
  const {
    type,
    properties,
    required,
    enum: values,
    items,
    minimum,
    examples,
    default: preset,
    format,
  } = schema as Record<string, unknown>;
  if (preset !== undefined) return preset;
  if (Array.isArray(examples) && examples.length > 0) return examples[0] as unknown;
  if (Array.isArray(values) && values.length > 0) return values[0] as unknown;
  switch (Array.isArray(type) ? type[0] : type) {
    case "string":
      return format === "email" ? "ada@example.com" : "sample";
    case "number":
    case "integer":
      return typeof minimum === "number" ? minimum : 1;
    case "boolean":
      return true;
    case "array":
      return items ? [sampleOf(items, depth + 1)] : [];
    default: {
      const names = Array.isArray(required) ? (required as string[]) : [];
      const known = (properties ?? {}) as Record<string, unknown>;
      return Object.fromEntries(names.map((name) => [name, sampleField(name, known[name], depth)]));
    }
  }
}

function sampleField(name: string, schema: unknown, depth: number): unknown {
  const sample = sampleOf(schema, depth + 1);
  return sample === "sample" && /e-?mail/i.test(name) ? "ada@example.com" : sample;
}
