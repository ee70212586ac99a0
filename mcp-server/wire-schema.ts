import { z } from "zod";
import type { Tool } from "@modelcontextprotocol/server";
import type { ToolDefinition } from "./tool.ts";

const isEmpty = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.keys(value).length === 0;

/** Without what helps no model to call: every client pays for every character of every tool. */
function toJsonSchema(schema: z.ZodType, side: "input" | "output"): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: "input",
    reused: "inline",
    override({ jsonSchema: json, path }) {
      // Of an answer, what is always there is said for its own fields only.
      if (side === "output" && path.length > 0) delete json.required;
      // What stands in a list is seen in the answer; nobody needs it in order to call.
      if (side === "output" && path.at(-1) === "items") delete json.properties;
      if (side === "output") delete json.description;
      if (isEmpty(json.additionalProperties)) delete json.additionalProperties;
      delete json.propertyNames;
      // Checked all the same; no model writes another name because of them.
      delete json.maxLength;
      delete json.minLength;
      delete json.maxItems;
      delete json.minItems;
      delete json.exclusiveMinimum;
      if (path.length > 0 && isEmpty(json.properties)) delete json.properties;
      if (json.format) delete json.pattern;
      delete json.maximum;
      delete json.minimum;
    },
  });
  return rest;
}

/**
 * What `structuredContent` may look like: the tool's answer, or `{error}`. Clients of the
 * initialize era validate failed results too, so the schema admits both.
 */
function toOutputSchema(schema: z.ZodType): Record<string, unknown> {
  const { required, ...rest } = toJsonSchema(schema, "output");
  return required ? { ...rest, anyOf: [{ required }, { required: ["error"] }] } : rest;
}

/** A tool as `tools/list` shows it. */
export function toWireTool(tool: ToolDefinition): Tool {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: toJsonSchema(tool.input, "input") as Tool["inputSchema"],
    outputSchema: toOutputSchema(tool.output),
    annotations: { ...tool.annotations },
    ...(tool.view === undefined ? {} : { _meta: { ui: { resourceUri: tool.view } } }),
  };
}
