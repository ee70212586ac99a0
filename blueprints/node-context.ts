/** The ports that a node may use. The engine implements it; handlers see nothing else. */
export interface NodeContext {
  readonly run: {
    readonly id: string;
    readonly workspaceId: string;
    readonly mode: "live" | "test";
  };
  readonly step: {
    readonly id: string;
    /** 1 for the first attempt. */
    readonly attempt: number;
    /** Run id + step path: the same for every attempt of this step. Send it along. */
    readonly idempotencyKey: string;
  };
  /** What expressions see: `input`, `steps`, `vars`, `run`. */
  readonly scope: Readonly<Record<string, unknown>>;
  /** Set when the handler runs again after a `wait`: what ended it. */
  readonly arrival?: Arrival;
  /** Milliseconds since 1970; the engine's clock. */
  now(): number;
  /** Aborts when the run is cancelled or the step's time is over. */
  readonly signal: AbortSignal;
  /** Evaluates one expression over `scope`. */
  evaluate(source: string): unknown;
  /** Replaces every `{{ expression }}` in strings, arrays and objects; a string that is nothing but one template keeps the value's type. */
  render(value: unknown): unknown;
  /**
   * Through the egress: only allowed hosts, secret handles swapped in, size and time limited. In a
   * test run nothing leaves: the request is recorded and a stub answers.
   */
  fetch(url: string, init?: RequestInit): Promise<Response>;
  /** A handle that the egress swaps for the value; the value is never seen here. */
  secret(name: string): string;
  /** A workspace tool by final name, as the gateway would call it; throws when the tool fails. */
  callTool(name: string, input: unknown): Promise<{ content: unknown; structured?: unknown }>;
  /** A function or skill by name or `@user/name@version`, in an isolate. */
  callFunction(reference: string, input: unknown): Promise<{ output: unknown; logs: string[] }>;
  /** TypeScript of the workflow itself, in an isolate. */
  runCode(source: string, input: unknown): Promise<{ output: unknown; logs: string[] }>;
  /** Sets `vars.<name>` for the steps that follow; committed with this step. */
  setVariable(name: string, value: unknown): void;
  /** To subscribers of the run's stream, as it happens; not stored. */
  emit(event: { readonly type: string; readonly data: unknown }): void;
  log(message: string): void;
}

/** What ended a wait. */
export type Arrival =
  | { readonly kind: "signal"; readonly name: string; readonly payload: unknown }
  | { readonly kind: "timeout" };
