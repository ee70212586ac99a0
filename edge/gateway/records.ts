import type { Anomaly } from "./usage/anomalies.ts";

/**
 * What a workspace writes down about calls and runs, and how it is asked for. Times are milliseconds
 * since 1970, durations milliseconds, sizes bytes.
 */

export interface RunRow {
  readonly id: string;
  readonly workflow: string;
  readonly version: number;
  readonly status: "running" | "waiting" | "succeeded" | "failed" | "cancelled";
  readonly trigger: string;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly error?: string;
}

export interface CallLogFilter {
  readonly mcp?: string;
  readonly tool?: string;
  readonly member?: string;
  /** Stands in the name of the tool, the member or the client. */
  readonly text?: string;
  readonly outcome?: CallLogRow["outcome"];
  /** Milliseconds since 1970. */
  readonly since?: number;
  /** Id of a row: only what stands behind it, newest first. */
  readonly after?: string;
  readonly limit?: number;
}
export interface CallLogRow {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly kind: "tools/call" | "resources/read" | "prompts/get";
  readonly mcp: string;
  /** Final name; of a resource its URI or template, as its server lists it. */
  readonly tool: string;
  readonly tokenId?: string;
  readonly member?: string;
  readonly client?: string;
  /** Milliseconds, whole call and upstream's part. */
  readonly latencyMs: number;
  readonly upstreamMs: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly outcome: "ok" | "tool-error" | "denied" | "failed";
  readonly errorCode?: string;
  readonly runId?: string;
  /** JSON, redacted and shortened; only of calls made while the workspace captures, of 100 rows. */
  readonly arguments?: string;
  readonly result?: string;
}
export type UsageDimension = "mcp" | "tool" | "member" | "token" | "day";
export interface UsageRow {
  readonly key: string;
  readonly calls: number;
  /** All that did not end well; of these denied, and of those for calling too often. */
  readonly errors: number;
  readonly denied: number;
  readonly rateLimited: number;
  /** Milliseconds since 1970. */
  readonly lastAt: number;
  /** What stands out, against the whole workspace. */
  readonly anomalies: readonly Anomaly[];
  readonly p50Ms: number;
  readonly p95Ms: number;
}
