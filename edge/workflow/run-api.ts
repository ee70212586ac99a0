import type { Outcome } from "#blueprints/outcome";
import type { LiveWorkflow, RunRow } from "#edge/gateway/workspace-api";

/** What the `Run` object answers over RPC; `fetch` serves its event stream (SSE). */
export interface RunApi {
  /** Starts, or joins the run that has this id already. */
  start(request: RunRequest): Promise<Outcome<{ id: string }>>;
  /** The result as soon as the run ends or waits, at the latest after `timeoutMs`. */
  result(timeoutMs: number): Promise<Outcome<RunResult>>;
  /** `start` and `result` in one call: a run of pure steps then needs one write. */
  execute(request: RunRequest, timeoutMs: number): Promise<Outcome<RunResult>>;
  /** Named so because `trace` is a reserved handler name on the platform. */
  inspect(): Promise<Outcome<RunTrace>>;
  cancel(reason: string): Promise<Outcome<void>>;
  /** An answer for a waiting step; repeating it changes nothing. */
  signal(step: string, name: string, payload: unknown): Promise<Outcome<void>>;
}

export interface RunRequest {
  readonly id: string;
  readonly workspaceId: string;
  readonly name: string;
  readonly version: number;
  /** Pinned: the run finishes on exactly this. */
  readonly document: LiveWorkflow;
  readonly trigger: "manual" | "endpoint" | "webhook" | "schedule" | "bot" | "workflow" | "test";
  readonly input: unknown;
  /** `test`: outside calls are recorded and stubbed. */
  readonly mode: "live" | "test";
  readonly stubs?: readonly { match: string; status: number; body?: unknown }[];
  /** A second start with this id must carry the same one; absent: it just joins. */
  readonly fingerprint?: string;
}

export interface RunResult {
  readonly id: string;
  readonly status: RunRow["status"];
  readonly output?: unknown;
  readonly error?: { code: string; message: string; fix?: string; step?: string };
}

export interface RunTrace extends RunResult {
  readonly workspaceId: string;
  readonly workflow: string;
  readonly version: number;
  readonly trigger: RunRequest["trigger"];
  readonly mode: "live" | "test";
  readonly input: unknown;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly steps: StepTrace[];
  /** Mermaid, with the taken path marked. */
  readonly diagram: string;
}

export interface StepTrace {
  readonly id: string;
  readonly type: string;
  readonly status: "running" | "waiting" | "succeeded" | "failed" | "cancelled" | "uncertain";
  /** Rendered config; secret values redacted. */
  readonly input: unknown;
  readonly output?: unknown;
  readonly port?: string;
  readonly error?: { code: string; message: string; fix?: string };
  readonly attempts: number;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly durationMs?: number;
  readonly logs: string[];
  /** Outside calls: method and URL without secrets, status; in tests what would have been sent. */
  readonly effects: {
    kind: "http" | "tool" | "function";
    target: string;
    status?: number;
    body?: unknown;
  }[];
}
