import { z } from "zod";
import type { Tool } from "@modelcontextprotocol/server";
import type { ToolDefinition } from "./tool.ts";

const isEmpty = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.keys(value).length === 0;

/** Without what says nothing: every model pays for every character of every tool. */
function toJsonSchema(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: "input",
    reused: "inline",
    override({ jsonSchema: json }) {
      if (isEmpty(json.additionalProperties)) delete json.additionalProperties;
      delete json.propertyNames;
      if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum;
      if (json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum;
    },
  });
  return rest;
}

/**
 * What `structuredContent` may look like: the tool's answer, or `{error}`. Clients of the
 * initialize era validate failed results too, so the schema admits both.
 */
function toOutputSchema(schema: z.ZodType): Record<string, unknown> {
  const { required, ...rest } = toJsonSchema(schema);
  return required ? { ...rest, anyOf: [{ required }, { required: ["error"] }] } : rest;
}

/** A tool as `tools/list` shows it. */
export function toWireTool(tool: ToolDefinition): Tool {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: toJsonSchema(tool.input) as Tool["inputSchema"],
    outputSchema: toOutputSchema(tool.output),
    annotations: { ...tool.annotations },
  };
}
