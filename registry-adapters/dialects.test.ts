import { Validator } from "@cfworker/json-schema";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AerostackError } from "#blueprints/error";
import type { AdaptedTool, Dialect, JsonSchema } from "./dialect.ts";
import { dialects } from "./dialects/index.ts";

/** A model's call in each dialect's own form. */
const callOf: Record<string, (tool: AdaptedTool, input: unknown) => unknown> = {
  mcp: (tool, input) => ({ name: tool.name, arguments: input }),
  openai: (tool, input) => ({
    type: "function_call",
    call_id: "c1",
    name: tool.name,
    arguments: JSON.stringify(input),
  }),
  gemini: (tool, input) => ({ functionCall: { name: tool.name, args: input } }),
  anthropic: (tool, input) => ({ type: "tool_use", id: "c1", name: tool.name, input }),
};
/** The schema that a model is held to. */
const schemaOf: Record<string, (tool: AdaptedTool) => JsonSchema> = {
  mcp: ({ tool }) => tool["inputSchema"] as JsonSchema,
  openai: ({ tool }) => tool["parameters"] as JsonSchema,
  gemini: ({ tool }) => tool["parametersJsonSchema"] as JsonSchema,
  anthropic: ({ tool }) => tool["input_schema"] as JsonSchema,
};
const nameRule: Record<string, RegExp> = {
  mcp: /^[A-Za-z0-9_.-]{1,128}$/,
  openai: /^[A-Za-z0-9_-]{1,64}$/,
  gemini: /^[A-Za-z_][A-Za-z0-9_]{0,63}$/,
  anthropic: /^[A-Za-z0-9_-]{1,64}$/,
};
const valid = (schema: JsonSchema, value: unknown) =>
  new Validator(schema, "2020-12", false).validate(value).valid;

/** A schema together with a value that fits it. */
interface Sample {
  readonly schema: JsonSchema;
  readonly value: unknown;
}
const names = fc.constantFrom("id", "name", "tags", "from_date", "limit", "x");
const leaf: fc.Arbitrary<Sample> = fc.oneof(
  fc.string().map((value) => ({ schema: { type: "string" }, value })),
  fc.integer().map((value) => ({ schema: { type: "integer" }, value })),
  fc.boolean().map((value) => ({ schema: { type: "boolean" }, value })),
  fc.constantFrom("a", "b").map((value) => ({ schema: { enum: ["a", "b"] }, value })),
  fc.constantFrom("a", null).map((value) => ({ schema: { type: ["string", "null"] }, value })),
  fc.constant({ schema: { const: "fixed" }, value: "fixed" }),
  fc.jsonValue({ maxDepth: 1 }).map((value) => ({ schema: {}, value })),
  fc.constantFrom("a", 1).map((value) => ({
    schema: { oneOf: [{ type: "string" }, { type: "integer" }] },
    value,
  })),
);
const { object } = fc.letrec<{ object: Sample; any: Sample }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small" },
    leaf,
    tie("object"),
    fc
      .array(leaf, { minLength: 1, maxLength: 1 })
      .map(([item]) => ({ schema: { type: "array", items: item!.schema }, value: [item!.value] })),
  ),
  object: fc
    .uniqueArray(fc.tuple(names, tie("any"), fc.constantFrom("required", "given", "left out")), {
      maxLength: 4,
      selector: ([name]) => name,
    })
    .map((fields) => ({
      schema: {
        type: "object",
        properties: Object.fromEntries(fields.map(([name, { schema }]) => [name, schema])),
        required: fields.filter(([, , mode]) => mode === "required").map(([name]) => name),
        additionalProperties: false,
      },
      value: Object.fromEntries(
        fields
          .filter(([, , mode]) => mode !== "left out")
          .map(([name, { value }]) => [name, value]),
      ),
    })),
}));

/** What a strict model writes: null for everything that is left out. */
function withNulls(schema: JsonSchema, value: unknown): unknown {
  if (Array.isArray(value))
    return value.map((one) => withNulls(schema["items"] as JsonSchema, one));
  const properties = schema["properties"] as Record<string, JsonSchema> | undefined;
  if (typeof value !== "object" || value === null || !properties) return value;
  const given = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(properties).map(([name, inner]) => [
      name,
      Object.hasOwn(given, name) ? withNulls(inner, given[name]) : null,
    ]),
  );
}

describe.each<[string, Dialect]>(Object.entries(dialects))("%s", (name, dialect) => {
  it("carries every call to the source unchanged", () => {
    fc.assert(
      fc.property(object, ({ schema, value }) => {
        const tool = dialect.toTool({ name: "find.lead", inputSchema: schema });
        const strict = tool.tool["strict"] === true;
        const said = strict ? withNulls(schema, value) : value;
        expect(valid(schemaOf[name]!(tool), said)).toBe(true);
        const call = dialect.fromCall(callOf[name]!(tool, said), [tool]);
        expect(call).toMatchObject({ name: "find.lead", arguments: value });
        expect(call.arguments).toEqual(value);
      }),
      { numRuns: 150 },
    );
  });

  it("gives every tool a name that the dialect allows, and no two the same", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ unit: "binary", maxLength: 200 }), { maxLength: 20 }),
        (all) => {
          const tools = all.map((one) =>
            dialect.toTool({ name: one, inputSchema: { type: "object" } }),
          );
          for (const tool of tools) expect(tool.name).toMatch(nameRule[name]!);
          expect(new Set(tools.map((tool) => tool.name)).size).toBe(all.length);
          tools.forEach((tool, index) => {
            expect(dialect.fromCall(callOf[name]!(tool, {}), tools).name).toBe(all[index]);
          });
        },
      ),
    );
  });

  it("keeps a name that is allowed everywhere", () => {
    expect(dialect.toTool({ name: "crm__find_lead", inputSchema: {} }).name).toBe("crm__find_lead");
  });

  const deep = Array.from({ length: 50 }).reduce<object>(
    (inner) => ({ type: "object", properties: { a: inner } }),
    {},
  );
  it.each([
    ["adapter.foreign-reference", { properties: { a: { $ref: "https://example.com/a.json" } } }],
    ["adapter.foreign-reference", { properties: { a: { $ref: "#/$defs/none" } } }],
    ["adapter.not-an-object", { type: "string" }],
    ["adapter.schema-too-large", { description: "x".repeat(70_000) }],
    ["adapter.schema-too-large", deep],
  ])("refuses with %s", (code, inputSchema) => {
    expect(() => dialect.toTool({ name: "a", inputSchema: inputSchema as JsonSchema })).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it("copes with a schema that refers to itself", () => {
    const inputSchema = {
      type: "object",
      properties: { root: { $ref: "#/definitions/node" } },
      definitions: {
        node: { type: "object", properties: { next: { $ref: "#/definitions/node" } } },
      },
    };
    const tool = dialect.toTool({ name: "tree", inputSchema });
    expect(valid(schemaOf[name]!(tool), { root: { next: { next: {} } } })).toBe(true);
    expect(tool.tool["strict"] ?? false).toBe(false);
  });

  it("answers or refuses with a code, whatever the schema or the call", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (schema, call) => {
        try {
          const inputSchema = { type: "object", properties: schema } as JsonSchema;
          dialect.fromCall(call, [dialect.toTool({ name: "a", inputSchema })]);
        } catch (error) {
          expect(error).toBeInstanceOf(AerostackError);
        }
      }),
    );
  });

  it("does not read a call to a tool that was not given", () => {
    const tool = dialect.toTool({ name: "a", inputSchema: {} });
    expect(() => dialect.fromCall(callOf[name]!(tool, {}), [])).toThrow(/There is no tool "a"/);
  });

  it("gives results back as plain JSON with the call's id", () => {
    const call = { name: "a", arguments: {}, id: "c1" };
    const result = { content: [{ type: "text", text: "42" }], isError: true };
    const text = JSON.stringify(dialect.toResult(call, result));
    expect(text).toContain("42");
    expect(text).toMatch(/error/i);
    if (name !== "mcp") expect(text).toContain("c1");
  });
});

describe("openai", () => {
  it("is strict where that says the same, and says why where it does not", () => {
    const strict = dialects.openai.toTool({
      name: "a",
      inputSchema: {
        properties: { id: { type: "string" }, limit: { type: "integer", minimum: 1, default: 10 } },
        required: ["id"],
      },
    });
    expect(strict.tool).toMatchObject({
      strict: true,
      parameters: {
        required: ["id", "limit"],
        additionalProperties: false,
        properties: { limit: { type: ["integer", "null"], minimum: 1 } },
      },
    });
    expect(strict.nullToOmit).toEqual([["limit"]]);
    const open = dialects.openai.toTool({
      name: "a",
      inputSchema: {
        properties: { labels: { type: "object", additionalProperties: { type: "string" } } },
      },
    });
    expect(open).toMatchObject({ tool: { strict: false }, lossy: ["open object"] });
  });
});

describe("gemini", () => {
  it("says in the OpenAPI form what it can, and the rest in words", () => {
    const { variants } = dialects.gemini.toTool({
      name: "a",
      inputSchema: {
        properties: {
          count: { type: ["integer", "null"], exclusiveMinimum: 0 },
          mode: { const: 1 },
          either: { anyOf: [{ type: "string" }, { type: "number" }] },
        },
      },
    });
    expect(variants?.["openapi"]?.["parameters"]).toEqual({
      type: "object",
      properties: {
        count: { type: "integer", nullable: true, description: "(exclusiveMinimum: 0)" },
        mode: { type: "string", format: "enum", enum: ["1"] },
        either: { anyOf: [{ type: "string" }, { type: "number" }] },
      },
      propertyOrdering: ["count", "mode", "either"],
    });
  });
});
