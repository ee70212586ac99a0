import type { CallToolResult, ServerContext, Tool } from "@modelcontextprotocol/server";

/** A tool of the fixture server; names and answers are what the conformance suite asks for. */
export interface FixtureTool {
  readonly description: string;
  readonly inputSchema?: Tool["inputSchema"];
  call(context: ServerContext, input: Record<string, unknown>): unknown;
}

/** One red pixel. */
export const png =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
/** A WAV header and no samples. */
const wav = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=";

export const text = (value: string): CallToolResult => ({
  content: [{ type: "text", text: value }],
});
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

const image = { type: "image", data: png, mimeType: "image/png" } as const;

export async function withProgress(context: ServerContext): Promise<CallToolResult> {
  const { _meta: meta } = context.mcpReq;
  const token = meta?.progressToken;
  for (const progress of [0, 50, 100]) {
    if (token !== undefined) {
      await context.mcpReq.notify({
        method: "notifications/progress",
        params: { progressToken: token, progress, total: 100 },
      });
    }
    await pause();
  }
  return text("Done with progress.");
}

async function withLogging(log: (data: string) => Promise<void>): Promise<CallToolResult> {
  for (const data of [
    "Tool execution started",
    "Tool processing data",
    "Tool execution completed",
  ]) {
    await log(data);
    await pause();
  }
  return text("Done with logging.");
}

const address = {
  $anchor: "addressDef",
  type: "object",
  properties: { street: { type: "string" }, city: { type: "string" } },
};

export const contentTools: Record<string, FixtureTool> = {
  test_simple_text: {
    description: "Answers with text.",
    call: () => text("This is a simple text response for testing."),
  },
  test_image_content: { description: "Answers with an image.", call: () => ({ content: [image] }) },
  test_audio_content: {
    description: "Answers with sound.",
    call: () => ({ content: [{ type: "audio", data: wav, mimeType: "audio/wav" }] }),
  },
  test_embedded_resource: {
    description: "Answers with an embedded resource.",
    call: () => ({
      content: [
        {
          type: "resource",
          resource: {
            uri: "test://embedded-resource",
            mimeType: "text/plain",
            text: "This is an embedded resource content.",
          },
        },
      ],
    }),
  },
  test_multiple_content_types: {
    description: "Answers with text, image and resource.",
    call: () => ({
      content: [
        { type: "text", text: "Multiple content types test:" },
        image,
        {
          type: "resource",
          resource: {
            uri: "test://mixed-content-resource",
            mimeType: "application/json",
            text: JSON.stringify({ test: "data", value: 123 }),
          },
        },
      ],
    }),
  },
  test_tool_with_logging: {
    description: "Logs three times.",
    call: (context) =>
      withLogging((data) =>
        context.mcpReq.notify({
          method: "notifications/message",
          params: { level: "info", data },
        }),
      ),
  },
  test_logging_tool: {
    description: "Logs where the client asked for it.",
    call: (context) => withLogging((data) => context.mcpReq.log("info", data)),
  },
  test_tool_with_progress: { description: "Reports progress.", call: withProgress },
  test_error_handling: {
    description: "Always fails.",
    call: () => ({
      isError: true,
      ...text("This tool intentionally returns an error for testing"),
    }),
  },
  json_schema_2020_12_tool: {
    description: "Takes what JSON Schema 2020-12 can say.",
    inputSchema: {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      $defs: { address },
      properties: {
        name: { type: "string" },
        address: { $ref: "#/$defs/address" },
        contactMethod: { type: "string", enum: ["phone", "email"] },
        phone: { type: "string" },
        email: { type: "string" },
      },
      allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
      if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
      // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
      then: { required: ["phone"] },
      else: { required: ["email"] },
      additionalProperties: false,
    },
    call: () => text("Validated."),
  },
  test_x_mcp_header: {
    description: "Mirrors an argument into a header.",
    inputSchema: {
      type: "object",
      properties: { region: { type: "string", "x-mcp-header": "Region" } },
    },
    call: (_context, input) => text(`Region: ${String(input["region"])}`),
  },
};
