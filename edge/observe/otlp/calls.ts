import type { CallLogRow } from "#edge/gateway/records";
import { type CallTrace, createSpanId, createTraceId } from "#edge/observe/trace-context";
import type { Attributes, Measurement, Span } from "./encode.ts";

/** A row of the call log on its way to a collector. */
export interface TracedCall extends Partial<CallTrace> {
  readonly row: CallLogRow;
}

/**
 * A call as the MCP and GenAI conventions of OpenTelemetry have it: a server span for the gateway, in
 * it a client span for the upstream. Never arguments or results.
 */
export function spansOfCall({ row, own, parentSpanId }: TracedCall): Span[] {
  const { at, latencyMs, upstreamMs } = row;
  const { traceId, spanId } = own ?? { traceId: createTraceId(), spanId: createSpanId() };
  const name = `${row.kind} ${row.tool}`;
  const error = errorOf(row);
  const about: Attributes = { ...toolOf(row), "aerostack.mcp": row.mcp };
  const failed = error === undefined ? {} : { error };
  const server: Span = {
    traceId,
    spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    name,
    kind: "server",
    startedAt: at,
    endedAt: at + latencyMs,
    attributes: {
      ...about,
      "aerostack.call.id": row.id,
      "aerostack.member": row.member,
      "aerostack.token.id": row.tokenId,
      "aerostack.client": row.client,
      "aerostack.run.id": row.runId,
      "aerostack.outcome": row.outcome,
      "http.request.body.size": row.requestBytes,
      "http.response.body.size": row.responseBytes,
    },
    ...failed,
  };
  if (upstreamMs === 0) return [server];
  const client: Span = {
    traceId,
    spanId: createSpanId(),
    parentSpanId: spanId,
    name,
    kind: "client",
    startedAt: at,
    endedAt: at + upstreamMs,
    attributes: about,
    ...failed,
  };
  return [server, client];
}

export function measureCall({ row }: TracedCall): Measurement[] {
  const attributes = {
    ...toolOf(row),
    // Of these there may be thousands: a series for each would be too many.
    "mcp.resource.uri": undefined,
    "aerostack.mcp": row.mcp,
    "error.type": errorOf(row),
  };
  const whole: Measurement = {
    metric: "mcp.server.operation.duration",
    description: "Duration of a request as its caller saw it.",
    milliseconds: row.latencyMs,
    attributes,
  };
  if (row.upstreamMs === 0) return [whole];
  const upstream: Measurement = {
    metric: "mcp.client.operation.duration",
    description: "Duration of a request at the MCP server behind the gateway.",
    milliseconds: row.upstreamMs,
    attributes,
  };
  return [whole, upstream];
}

function toolOf({ kind, tool }: CallLogRow): Attributes {
  const method = { "mcp.method.name": kind };
  if (kind === "resources/read") return { ...method, "mcp.resource.uri": tool };
  if (kind === "prompts/get") return { ...method, "gen_ai.prompt.name": tool };
  return {
    ...method,
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": tool,
  };
}

function errorOf({ outcome, errorCode }: CallLogRow): string | undefined {
  if (outcome === "ok") return undefined;
  return errorCode ?? (outcome === "tool-error" ? "tool_error" : outcome);
}
