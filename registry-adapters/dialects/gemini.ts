import { readArguments, readCall, textOf } from "../arguments.ts";
import type { Dialect } from "../dialect.ts";
import { adaptName, findTool } from "../names.ts";
import { constToEnum } from "../rewrite/const-to-enum.ts";
import { normalise } from "../rewrite/normalise.ts";
import { toOpenApi } from "../rewrite/open-api.ts";

const nameRule = { character: /[A-Za-z0-9_]/, longest: 64 };

/**
 * Gemini: `parametersJsonSchema`, and the OpenAPI form of older APIs as the variant `openapi` where
 * it can say the schema at all.
 */
export const gemini: Dialect = {
  name: "gemini",
  title: "Google Gemini",
  toTool({ name, description = "", inputSchema, outputSchema }) {
    const schema = normalise(inputSchema);
    const openApi = toOpenApi(schema);
    const adapted = adaptName(name, nameRule);
    const head = { name: adapted, description };
    return {
      name: adapted,
      source: name,
      tool: {
        ...head,
        parametersJsonSchema: constToEnum(schema),
        ...(outputSchema === undefined ? {} : { responseJsonSchema: outputSchema }),
      },
      ...(openApi ? { variants: { openapi: { ...head, parameters: openApi.schema } } } : {}),
      lossy: openApi ? openApi.lossy.map((word) => `openapi: ${word}`) : ["openapi: no such form"],
    };
  },
  fromCall(call, tools) {
    const outer = readCall(call);
    const inner = outer["functionCall"] === undefined ? outer : readCall(outer["functionCall"]);
    const { id, name, args } = inner;
    return {
      name: findTool(name, tools).source,
      arguments: readArguments(args),
      ...(typeof id === "string" ? { id } : {}),
    };
  },
  toResult: ({ name, id }, result) => ({
    functionResponse: {
      ...(id === undefined ? {} : { id }),
      name: adaptName(name, nameRule),
      response: result.isError
        ? { error: textOf(result) }
        : { output: result.structuredContent ?? textOf(result) },
    },
  }),
};
