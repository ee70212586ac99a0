import { z } from "zod";
import type { NodeDefinition } from "../node.ts";
import { entryType } from "../node.ts";
import type { NodeView } from "./check.ts";

/** `known`: always there; `maybe`: allowed, not promised; `unknown`: cannot be there. */
export type FieldState = "known" | "maybe" | "unknown" | "untold";

const converted = new WeakMap<NodeDefinition, unknown>();

/**
 * The JSON Schema of a step's output. What a function returned is told by the function's own schema,
 * what the entry hands on by the workflow's input; everything else by the node type.
 */
export function outputSchemaOf(
  { node, definition, requirements }: NodeView,
  functions: ReadonlyMap<string, unknown>,
  input: unknown,
): unknown {
  if (!definition) return {};
  if (node.type === entryType) return input;
  const only = requirements.functions?.length === 1 ? requirements.functions[0] : undefined;
  if (only !== undefined && definition.output instanceof z.ZodUnknown) return functions.get(only);
  const told = definition.outputOf && configOf(definition, node.config);
  if (told !== undefined) return told;
  const known = converted.get(definition);
  if (known !== undefined) return known;
  const schema: unknown = z.toJSONSchema(definition.output, { unrepresentable: "any" });
  converted.set(definition, schema);
  return schema;
}

function configOf(definition: NodeDefinition, written: unknown): unknown {
  const { success, data } = definition.config.safeParse(written);
  return success ? definition.outputOf?.(data) : undefined;
}

/** Whether data that fits `schema` has something at `path`. */
export function stateOf(schema: unknown, path: readonly (string | number)[]): FieldState {
  let state: FieldState = "known";
  let current = schema;
  for (const key of path) {
    const step = enter(resolve(current, schema), key);
    if (step.state === "unknown" || step.state === "untold") return step.state;
    if (step.state === "maybe") state = "maybe";
    current = step.schema;
  }
  return state;
}

type Schema = Record<string, unknown>;

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Follows local references, at most eight in a row. */
function resolve(schema: unknown, root: unknown): unknown {
  let current = schema;
  for (let count = 0; count < 8; count += 1) {
    const reference = isSchema(current) ? current["$ref"] : undefined;
    if (typeof reference !== "string" || !reference.startsWith("#/")) return current;
    current = reference
      .slice(2)
      .split("/")
      .reduce<unknown>(
        (at, key) => (isSchema(at) && Object.hasOwn(at, key) ? at[key] : undefined),
        root,
      );
  }
  return undefined;
}

const combined = ["anyOf", "oneOf", "allOf", "if", "not", "patternProperties", "dependentSchemas"];

function enter(schema: unknown, key: string | number): { state: FieldState; schema?: unknown } {
  if (!isSchema(schema) || combined.some((word) => word in schema)) return { state: "untold" };
  if (typeof key === "number") {
    if (schema["type"] === "array") return { state: "known", schema: schema["items"] };
    return { state: "untold" };
  }
  const properties = schema["properties"];
  if (!isSchema(properties)) return { state: "untold" };
  if (Object.hasOwn(properties, key)) {
    const required = schema["required"];
    const promised = Array.isArray(required) && required.includes(key);
    return { state: promised ? "known" : "maybe", schema: properties[key] };
  }
  if (schema["additionalProperties"] === false) return { state: "unknown" };
  const named = Object.keys(properties).length > 0;
  return { state: named && schema["additionalProperties"] === undefined ? "maybe" : "untold" };
}
