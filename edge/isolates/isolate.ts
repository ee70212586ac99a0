import type { SerializedError } from "#blueprints/outcome";

/**
 * Running code that agents wrote. It never runs in our isolate: `edge/isolates/` puts it into a
 * fresh one, in the supervised sandbox process where `SANDBOX` is bound, else through `LOADER`.
 */

/** Output of `compile`: plain JavaScript modules and the hash that names them. */
export interface CompiledCode {
  /** SHA-256 (hex) of all modules: the loader id, so a deploy is live with the next request. */
  readonly hash: string;
  readonly mainModule: string;
  readonly modules: Readonly<Record<string, string>>;
}

/** On whose behalf the code runs and what it may reach; sealed into a ticket for the egress. */
export interface IsolateGrant {
  readonly workspaceId: string;
  readonly runId?: string;
  /** Hosts that outgoing requests may reach, of any request; `*.example.com` for subdomains. */
  readonly egress: readonly string[];
  /** Secrets whose handles the code receives as `context.secrets.<NAME>`. */
  readonly secrets: readonly string[];
  /** Of the handles that it redeems. */
  readonly handleTag?: string;
  /** A run of `run_code`, whose member's tools the code may call. */
  readonly toolRun?: string;
  /** `test`: nothing leaves, the egress answers with `stubs`. */
  readonly mode: "live" | "test";
}

export interface IsolateLimits {
  /** Milliseconds, whole call. */
  readonly wallMs: number;
  /** Milliseconds of CPU (enforced by Cloudflare; locally the watchdog enforces wall time). */
  readonly cpuMs: number;
  /** Bytes of the serialised output. */
  readonly outputBytes: number;
}

export const defaultLimits: IsolateLimits = {
  wallMs: 10_000,
  cpuMs: 2_000,
  outputBytes: 5_000_000,
};

/** What a test's outside call gets for an answer; `match` is a host, a secret's or a tool's name. */
export interface Stub {
  readonly match: string;
  readonly status: number;
  readonly body?: unknown;
}

export interface FunctionCall {
  readonly code: CompiledCode;
  readonly grant: IsolateGrant;
  readonly limits?: Partial<IsolateLimits>;
  readonly input: unknown;
  /** For `grant.mode` "test" only. */
  readonly stubs?: readonly Stub[];
  /** The call may be made again when a neighbour took the sandbox down. Default: only when no host is granted. */
  readonly repeatable?: boolean;
}

/** An outside call that the code made; the URL holds handles, never values. */
interface OutsideCall {
  readonly method: string;
  readonly url: string;
  /** Absent: it never got an answer. */
  readonly status?: number;
  /** Text bodies, the first 10,000 characters. */
  readonly body?: string;
}

/** What the isolate did beside answering, whether it answered or failed. */
export interface FunctionRecord {
  readonly logs: string[];
  readonly outsideCalls: OutsideCall[];
  /** Milliseconds. */
  readonly durationMs: number;
}

export interface FunctionResult extends FunctionRecord {
  readonly output: unknown;
}

/** Like `Outcome`, with what was logged and fetched on the way to a failure. */
export type FunctionOutcome =
  | (FunctionResult & { readonly ok: true })
  | (FunctionRecord & { readonly ok: false; readonly error: SerializedError });
