import { z } from "zod";
import { defineNode } from "#blueprints/node";

const config = z.strictObject({
  tool: z.string().min(1).max(48).describe("Final name in the workspace, `<alias>__<tool>`."),
  arguments: z
    .record(z.string(), z.unknown())
    .default({})
    .describe("Arguments of the tool, with templates."),
  effect: z
    .enum(["pure", "read", "idempotent", "external"])
    .default("external")
    .describe("What a call does to the world; anything but `external` may be repeated safely."),
});

const textContent = z.object({ type: z.literal("text"), text: z.string() });

/** A tool of the workspace, called as the gateway would, credentials injected there. */
export const mcpTool = defineNode({
  type: "mcp_tool",
  title: "Call an MCP tool",
  summary: "Calls a tool of an MCP server that is linked to the workspace.",
  description:
    "`tool` is the final name in the workspace, `<alias>__<tool>`; `arguments` are rendered and checked " +
    "by the server. Credentials are injected by the gateway. The output has `text` (all text parts), " +
    "`structured` (structured content, when the tool gives it) and `content` (the raw parts). A tool " +
    "that reports an error fails the step. Set `effect` to `read` for tools that only look things up.",
  config,
  output: z.object({
    text: z.string(),
    structured: z.unknown().optional(),
    content: z.array(z.unknown()),
  }),
  ports: () => ["next"],
  effect: ({ effect }) => effect,
  requires: ({ tool }) => ({ tools: [tool] }),
  examples: [
    {
      title: "Look up an issue",
      config: { tool: "tracker__get_issue", arguments: { id: "{{ input.id }}" }, effect: "read" },
      input: { id: 7 },
      expect: { port: "next" },
    },
  ],
  async run(context, { tool, arguments: input }) {
    const { content, structured } = await context.callTool(tool, input);
    const parts: unknown[] = Array.isArray(content) ? content : [content];
    const text = parts
      .map((part) => textContent.safeParse(part).data?.text)
      .filter((line) => line !== undefined)
      .join("\n");
    return {
      output: { text, content: parts, ...(structured === undefined ? {} : { structured }) },
    };
  },
});
