import { InputError } from "#blueprints/error";
import { readArguments, readCall } from "../arguments.ts";
import type { Dialect } from "../dialect.ts";
import { adaptName, findTool } from "../names.ts";
import { normalise } from "../rewrite/normalise.ts";
import type { Schema } from "../rewrite/schema.ts";

const nameRule = { character: /[A-Za-z0-9_-]/, longest: 64 };
const propertyName = /^[A-Za-z0-9_.-]{1,64}$/;

function checkProperties(schema: Schema): void {
  const wrong = Object.keys(schema["properties"] as Schema).find(
    (name) => !propertyName.test(name),
  );
  if (wrong === undefined) return;
  throw new InputError(
    "adapter.property-name",
    `The property ${JSON.stringify(wrong.slice(0, 80))} cannot be said to Anthropic's models.`,
    { fix: "Rename it: letters, digits, _, . and -, at most 64." },
  );
}

/** Anthropic's Messages API. Its strict mode is left off: all strict tools share one small grammar. */
export const anthropic: Dialect = {
  name: "anthropic",
  title: "Anthropic",
  toTool({ name, description = "", inputSchema }) {
    const schema = normalise(inputSchema);
    checkProperties(schema);
    const adapted = adaptName(name, nameRule);
    return {
      name: adapted,
      source: name,
      tool: { name: adapted, description, input_schema: schema },
      lossy: [],
    };
  },
  fromCall(call, tools) {
    const { id, name, input } = readCall(call);
    return {
      name: findTool(name, tools).source,
      arguments: readArguments(input),
      ...(typeof id === "string" ? { id } : {}),
    };
  },
  toResult: ({ id }, { content, structuredContent, isError }) => ({
    type: "tool_result",
    tool_use_id: id ?? "",
    content:
      content.length > 0
        ? content.map(toBlock)
        : [{ type: "text", text: JSON.stringify(structuredContent ?? null) }],
    ...(isError ? { is_error: true } : {}),
  }),
};

/** Texts and images as they are called there; anything else as its JSON. */
function toBlock(part: Readonly<Record<string, unknown>>): Record<string, unknown> {
  if (part["type"] === "text") return { type: "text", text: part["text"] };
  if (part["type"] === "image") {
    return {
      type: "image",
      source: { type: "base64", media_type: part["mimeType"], data: part["data"] },
    };
  }
  return { type: "text", text: JSON.stringify(part) };
}
