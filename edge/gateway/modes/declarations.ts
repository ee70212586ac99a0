import type { Tool } from "@modelcontextprotocol/client";
import { isRecord } from "#edge/gateway/upstream/json-rpc";

/** Nesting that is written out; below it everything is `unknown`. */
const maximumDepth = 6;
/** Types that are written out; references to references could make millions of a few lines. */
const maximumTypes = 1000;

/**
 * A tool as a TypeScript method, for a model to read: argument and result types from its schemas,
 * its description as a comment. What the schema says and TypeScript cannot is left out.
 */
export function declarationOf(tool: Tool): string {
  const name = isIdentifier(tool.name) ? tool.name : JSON.stringify(tool.name);
  const input = typeOf(tool.inputSchema, top(tool.inputSchema));
  const output = tool.outputSchema ? typeOf(tool.outputSchema, top(tool.outputSchema)) : "unknown";
  const about = comment(tool.description ?? tool.title ?? "", 400);
  return `${about === "" ? "" : `/** ${about} */ `}${name}(input: ${input}): Promise<${output}>;`;
}

interface Position {
  readonly root: unknown;
  readonly depth: number;
  /** References that are being written out: one of them again would never end. */
  readonly refs: readonly string[];
  /** Counts down over the whole schema. */
  readonly left: { types: number };
}

function top(root: unknown): Position {
  return { root, depth: 0, refs: [], left: { types: maximumTypes } };
}

function typeOf(schema: unknown, position: Position): string {
  if (!isRecord(schema) || position.depth > maximumDepth) return "unknown";
  if (position.left.types-- <= 0) return "unknown";
  const deeper = { ...position, depth: position.depth + 1 };
  const reference = schema["$ref"];
  if (typeof reference === "string") {
    if (position.refs.includes(reference)) return "unknown";
    const refs = [...position.refs, reference];
    return typeOf(resolve(position.root, reference), { ...deeper, refs });
  }
  if ("const" in schema) return JSON.stringify(schema["const"]);
  if (Array.isArray(schema["enum"])) {
    return schema["enum"]
      .slice(0, 50)
      .map((one) => JSON.stringify(one))
      .join(" | ");
  }
  for (const [key, sign] of [
    ["anyOf", " | "],
    ["oneOf", " | "],
    ["allOf", " & "],
  ] as const) {
    const parts = schema[key];
    if (Array.isArray(parts) && parts.length > 0 && !isRecord(schema["properties"])) {
      const types = new Set(parts.slice(0, 20).map((part) => typeOf(part, deeper)));
      return types.size === 1 ? [...types].join("") : `(${[...types].join(sign)})`;
    }
  }
  const type = schema["type"];
  if (Array.isArray(type)) {
    return type.map((one) => typeOf({ ...schema, type: one as unknown }, deeper)).join(" | ");
  }
  return ofOneType(type, schema, deeper);
}

function ofOneType(type: unknown, schema: Record<string, unknown>, deeper: Position): string {
  switch (type) {
    case "string":
    case "boolean":
    case "null":
      return type;
    case "number":
    case "integer":
      return "number";
    case "array":
      return `Array<${typeOf(schema["items"], deeper)}>`;
    default:
      return type === "object" || isRecord(schema["properties"])
        ? ofObject(schema, deeper)
        : "unknown";
  }
}

function ofObject(schema: Record<string, unknown>, deeper: Position): string {
  const properties = isRecord(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const all = Object.entries(properties);
  const fields = all.slice(0, Math.max(deeper.left.types, 1)).map(([key, property]) => {
    const name = isIdentifier(key) ? key : JSON.stringify(key);
    const said = isRecord(property) ? property["description"] : undefined;
    const about = typeof said === "string" ? comment(said, 120) : "";
    const mark = required.includes(key) ? "" : "?";
    return `${about === "" ? "" : `/** ${about} */ `}${name}${mark}: ${typeOf(property, deeper)}`;
  });
  if (fields.length < all.length) fields.push("[key: string]: unknown");
  else if (isRecord(schema["additionalProperties"])) {
    fields.push(`[key: string]: ${typeOf(schema["additionalProperties"], deeper)}`);
  }
  return fields.length === 0 ? "{}" : `{ ${fields.join("; ")} }`;
}

/** Inside the document only; `#/$defs/name` and the like. */
function resolve(root: unknown, reference: string): unknown {
  if (!reference.startsWith("#")) return undefined;
  let found: unknown = root;
  for (const part of reference.slice(1).split("/").filter(Boolean)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    found = isRecord(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  }
  return found;
}

/** One line that cannot end the comment it stands in. */
function comment(text: string, longest: number): string {
  const line = text.replaceAll(/\s+/g, " ").replaceAll("*/", "* /").trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}

function isIdentifier(name: string): boolean {
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name);
}
