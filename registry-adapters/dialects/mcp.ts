import { readArguments, readCall } from "../arguments.ts";
import type { Dialect } from "../dialect.ts";
import { adaptName, findTool } from "../names.ts";
import { normalise } from "../rewrite/normalise.ts";

const nameRule = { character: /[A-Za-z0-9_.-]/, longest: 128 };

/** https://modelcontextprotocol.io/specification: the form everything else is made from. */
export const mcp: Dialect = {
  name: "mcp",
  title: "Model Context Protocol",
  toTool({ name, title, description, inputSchema, outputSchema, annotations }) {
    normalise(inputSchema);
    const adapted = adaptName(name, nameRule);
    // Schemas pass through; only the `$schema` that is the default anyway is left out.
    const { $schema: version, ...rest } = inputSchema;
    const isDefault = typeof version !== "string" || version.includes("/2020-12/");
    return {
      name: adapted,
      source: name,
      tool: {
        name: adapted,
        ...(title === undefined ? {} : { title }),
        ...(description === undefined ? {} : { description }),
        inputSchema: { ...(isDefault ? rest : inputSchema), type: "object" },
        ...(outputSchema === undefined ? {} : { outputSchema }),
        ...(annotations === undefined ? {} : { annotations }),
      },
      lossy: [],
    };
  },
  fromCall(call, tools) {
    const { name, arguments: given } = readCall(call);
    return { name: findTool(name, tools).source, arguments: readArguments(given) };
  },
  toResult: (_call, { content, structuredContent, isError }) => ({
    content,
    ...(structuredContent === undefined ? {} : { structuredContent }),
    ...(isError ? { isError } : {}),
  }),
};
