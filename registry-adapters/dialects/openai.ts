import { omitNulls, readArguments, readCall, textOf } from "../arguments.ts";
import type { Dialect } from "../dialect.ts";
import { adaptName, findTool } from "../names.ts";
import { normalise } from "../rewrite/normalise.ts";
import { toStrict } from "../rewrite/strict.ts";

const nameRule = { character: /[A-Za-z0-9_-]/, longest: 64 };

/**
 * OpenAI: the Responses API, and chat completions (also of compatible servers) as the variant `chat`.
 * `strict` only where the strict schema says exactly the same.
 */
export const openai: Dialect = {
  name: "openai",
  title: "OpenAI",
  toTool({ name, description = "", inputSchema }) {
    const schema = normalise(inputSchema);
    const strict = toStrict(schema);
    const parameters = "schema" in strict ? strict.schema : schema;
    const adapted = adaptName(name, nameRule);
    const tool = { name: adapted, description, parameters, strict: "schema" in strict };
    return {
      name: adapted,
      source: name,
      tool: { type: "function", ...tool },
      variants: { chat: { type: "function", function: tool } },
      lossy: "lossy" in strict ? strict.lossy : [],
      nullToOmit: "schema" in strict ? strict.nullToOmit : [],
    };
  },
  fromCall(call, tools) {
    const outer = readCall(call);
    const inner = outer["function"] === undefined ? outer : readCall(outer["function"]);
    const tool = findTool(inner["name"], tools);
    const id = outer["call_id"] ?? outer["id"];
    return {
      name: tool.source,
      arguments: omitNulls(readArguments(inner["arguments"]), tool.nullToOmit ?? []),
      ...(typeof id === "string" ? { id } : {}),
      ...(outer["function"] === undefined ? {} : { variant: "chat" }),
    };
  },
  toResult: ({ id = "", variant }, result) => {
    const text = result.isError ? `Error: ${textOf(result)}` : textOf(result);
    return variant === "chat"
      ? { role: "tool", tool_call_id: id, content: text }
      : { type: "function_call_output", call_id: id, output: text };
  },
};
