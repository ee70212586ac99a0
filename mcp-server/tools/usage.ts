import { z } from "zod";
import { unwrap } from "#blueprints/outcome";
import { openWorkspace } from "#edge/gateway/directory";
import { workspaceSlug } from "../fields.ts";
import { defineTool } from "../tool.ts";

export const usage = defineTool({
  name: "usage",
  title: "Read usage",
  description: "Calls, errors and latency of a workspace, by MCP server, tool, member or day.",
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    workspace: workspaceSlug,
    by: z.enum(["mcp", "tool", "member", "day"]).default("tool"),
    since: z.iso.datetime().optional(),
  }),
  output: z.object({
    rows: z.array(
      z.object({
        key: z.string(),
        calls: z.number(),
        errors: z.number(),
        p50_ms: z.number(),
        p95_ms: z.number(),
      }),
    ),
  }),
  async run({ services, actor }, { workspace, by, since }) {
    const { stub } = await openWorkspace(services, actor, workspace);
    const filter = { by, ...(since === undefined ? {} : { since: Date.parse(since) }) };
    const rows = unwrap(await stub.usage(filter)).map((row) => ({
      key: row.key,
      calls: row.calls,
      errors: row.errors,
      p50_ms: row.p50Ms,
      p95_ms: row.p95Ms,
    }));
    const calls = rows.reduce((sum, row) => sum + row.calls, 0);
    const errors = rows.reduce((sum, row) => sum + row.errors, 0);
    return {
      data: { rows },
      summary: `${calls} calls through ${workspace}, ${errors} errors, by ${by}.`,
    };
  },
});
