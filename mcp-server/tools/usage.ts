import { z } from "zod";
import { unwrap } from "#blueprints/outcome";
import { openWorkspace } from "#edge/gateway/directory";
import { counted } from "../counted.ts";
import { view } from "../resources/view.ts";
import { workspaceSlug } from "../fields.ts";
import { defineTool } from "../tool.ts";

export const usage = defineTool({
  name: "usage",
  title: "Usage",
  description: "Calls, errors and latency of a workspace; who stands out.",
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    workspace: workspaceSlug,
    by: z.enum(["mcp", "tool", "member", "token", "day"]).default("tool"),
    since: z.iso.datetime().optional(),
  }),
  output: z.object({
    rows: z.array(
      z.looseObject({
        key: z.string(),
        calls: z.number(),
        errors: z.number(),
        p50_ms: z.number(),
        p95_ms: z.number(),
      }),
    ),
    tool_tokens: z.record(z.string(), z.number()),
  }),
  view: view.uri,
  async run({ services, actor }, { workspace, by, since }) {
    const { stub } = await openWorkspace(services, actor, workspace);
    const filter = { by, ...(since === undefined ? {} : { since: Date.parse(since) }) };
    const rows = unwrap(await stub.usage(filter)).map((row) => ({
      key: row.key,
      calls: row.calls,
      errors: row.errors,
      p50_ms: row.p50Ms,
      p95_ms: row.p95Ms,
      denied: row.denied,
      rate_limited: row.rateLimited,
      last_at: new Date(row.lastAt).toISOString(),
      anomalies: [...row.anomalies],
    }));
    const { direct, search, code } = unwrap(await stub.describe()).toolModes;
    const tokens = { direct: direct.tokens, search: search.tokens, code: code.tokens };
    const calls = rows.reduce((sum, row) => sum + row.calls, 0);
    const errors = rows.reduce((sum, row) => sum + row.errors, 0);
    return {
      data: { rows, tool_tokens: tokens },
      summary: `${counted(calls, "call")} through ${workspace}, ${counted(errors, "error")}, by ${by}.${standOut(rows)}`,
    };
  },
});

function standOut(rows: readonly { key: string; anomalies: readonly string[] }[]): string {
  const found = rows.filter(({ anomalies }) => anomalies.length > 0).slice(0, 10);
  const named = found.map(({ key, anomalies }) => `${key} (${anomalies.join(", ")})`);
  return named.length > 0 ? ` Look at ${named.join("; ")}.` : "";
}
