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

export interface FunctionResult {
  readonly output: unknown;
  readonly logs: string[];
  /** Milliseconds. */
  readonly durationMs: number;
}
