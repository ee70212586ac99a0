import { z } from "zod";
import { unwrap } from "#blueprints/outcome";
import { openWorkspace } from "#edge/gateway/directory";
import { counted } from "../counted.ts";
import { workspaceSlug } from "../fields.ts";
import { defineTool } from "../tool.ts";

export const callLog = defineTool({
  name: "call_log",
  title: "Call log",
  description:
    "Tool calls through a workspace, newest first: when, MCP server, tool, member, token, how long, how it ended. Arguments and results only where capture is on.",
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    workspace: workspaceSlug,
    mcp: z.string().max(64).optional(),
    tool: z.string().max(128).optional(),
    member: z.string().max(120).optional(),
    text: z.string().min(1).max(120).optional().describe("Part of tool, member, client."),
    outcome: z.enum(["ok", "tool-error", "denied", "failed"]).optional(),
    since: z.iso.datetime().optional(),
    limit: z.int().min(1).max(500).default(50),
    cursor: z.string().max(64).optional(),
  }),
  output: z.object({
    calls: z.array(
      z.looseObject({
        at: z.string(),
        mcp: z.string(),
        tool: z.string(),
        outcome: z.string(),
        latency_ms: z.number(),
      }),
    ),
    next_cursor: z.string().optional(),
  }),
  async run({ services, actor }, { workspace, since, limit, cursor, ...filter }) {
    const { stub } = await openWorkspace(services, actor, workspace);
    const rows = unwrap(
      await stub.callLog({
        limit: limit + 1,
        ...(cursor === undefined ? {} : { after: cursor }),
        ...(filter.mcp === undefined ? {} : { mcp: filter.mcp }),
        ...(filter.tool === undefined ? {} : { tool: filter.tool }),
        ...(filter.member === undefined ? {} : { member: filter.member }),
        ...(filter.text === undefined ? {} : { text: filter.text }),
        ...(filter.outcome === undefined ? {} : { outcome: filter.outcome }),
        ...(since === undefined ? {} : { since: Date.parse(since) }),
      }),
    );
    const calls = rows.slice(0, limit).map((row) => ({
      id: row.id,
      at: new Date(row.at).toISOString(),
      kind: row.kind,
      mcp: row.mcp,
      tool: row.tool,
      outcome: row.outcome,
      latency_ms: tenths(row.latencyMs),
      upstream_ms: tenths(row.upstreamMs),
      request_bytes: row.requestBytes,
      response_bytes: row.responseBytes,
      ...(row.tokenId ? { token_id: row.tokenId } : {}),
      ...(row.member ? { member: row.member } : {}),
      ...(row.client ? { client: row.client } : {}),
      ...(row.errorCode ? { error_code: row.errorCode } : {}),
      ...(row.runId ? { run_id: row.runId } : {}),
      ...(row.arguments === undefined ? {} : { arguments: row.arguments }),
      ...(row.result === undefined ? {} : { result: row.result }),
    }));
    const failed = calls.filter((one) => one.outcome !== "ok").length;
    const next = rows.length > limit ? calls.at(-1)?.id : undefined;
    return {
      data: { calls, ...(next === undefined ? {} : { next_cursor: next }) },
      summary: `${counted(calls.length, "call")} through ${workspace}, ${failed} not ok.`,
      ...(next === undefined ? {} : { next: `call_log again with cursor ${next} for older ones.` }),
    };
  },
});

/** Of a millisecond: what the clock says beyond that is noise. */
function tenths(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
