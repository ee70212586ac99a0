import type { AdaptedTool, ToolSource } from "#registry-adapters/dialect";
import { dialects } from "#registry-adapters/dialects/index";
import type { EntryDefinition, EntryTool } from "./entry.ts";

/**
 * The entry's tools in every client's dialect, computed once, when it is published. A skill has
 * none: it is read, not called.
 */
export function adapt(definition: EntryDefinition): Record<string, AdaptedTool[]> {
  const sources = toolsOf(definition);
  return Object.fromEntries(
    Object.entries(dialects).map(([name, dialect]) => [
      name,
      sources.map((source) => dialect.toTool(source)),
    ]),
  );
}

function toolsOf(definition: EntryDefinition): ToolSource[] {
  switch (definition.kind) {
    case "function": {
      const { name, description, input, output, effect } = definition;
      const safe = effect === "pure" || effect === "read";
      const annotations = { readOnlyHint: safe, idempotentHint: effect !== "external" };
      return [toSource({ name, description, input, output, annotations })];
    }
    case "mcp":
      return definition.tools.map(toSource);
    case "skill":
      return [];
    default:
      return definition satisfies never;
  }
}

function toSource({ input, output, ...tool }: EntryTool): ToolSource {
  // Models want an object; a function that takes something else takes it as it comes.
  const inputSchema = input["type"] === undefined ? { ...input, type: "object" } : input;
  const returnsObject = output?.["type"] === "object";
  return { ...tool, inputSchema, ...(returnsObject ? { outputSchema: output } : {}) };
}
