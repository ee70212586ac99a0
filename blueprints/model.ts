/** What a node sees of language models; the engine implements it, and stubs it in test runs. */
export interface ModelPort {
  /**
   * One call. Usage and cost are recorded with the step, also of calls that failed half-way.
   * @throws ConfigurationError `model.no-key`, `model.none`; InputError `model.unknown`,
   * `model.budget-exhausted`; UpstreamError `model.failed`, `model.rate-limited` (retryable or not),
   * `model.timeout`, and `model.output-invalid` with `details: { text, problem }`
   */
  generate(call: ModelCall): Promise<ModelAnswer>;
  /** The same, with the text as it comes; what was told cannot be taken back. */
  stream(call: ModelCall, onText: (delta: string) => void): Promise<ModelAnswer>;
  /** US dollars that so many tokens cost by list price; undefined: the price is not known. */
  costOf(call: Pick<ModelUsage, "model" | "inputTokens" | "outputTokens">): number | undefined;
  /** Of this step so far, all attempts and recorded sub-steps included. */
  spent(): ModelSpending;
  /** Of the attempts at this sub-step, or step, that failed; the same whenever it is asked. */
  failed(): ModelSpending;
}

export interface ModelCall {
  /** `provider:model`; absent: the platform's own. */
  readonly model?: string;
  readonly system?: string;
  readonly messages: readonly ModelMessage[];
  readonly tools?: readonly ModelTool[];
  /** JSON Schema of a structured answer; `object` is checked against it. */
  readonly output?: Readonly<Record<string, unknown>>;
  readonly temperature?: number;
  readonly maxTokens?: number;
  /** Milliseconds until the call is given up. */
  readonly timeoutMs?: number;
  /** The call is refused once the step has spent as much. */
  readonly budget?: { readonly tokens?: number; readonly costUsd?: number };
}

export type ModelMessage =
  | { readonly role: "user"; readonly text: string }
  | {
      readonly role: "assistant";
      readonly text: string;
      readonly toolCalls?: readonly ModelToolCall[];
    }
  | { readonly role: "tool"; readonly results: readonly ModelToolResult[] };

export interface ModelTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema. */
  readonly input: Readonly<Record<string, unknown>>;
}

export interface ModelToolCall {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
}

export interface ModelToolResult {
  readonly id: string;
  readonly name: string;
  readonly output: unknown;
  readonly failed?: boolean;
}

/** JSON throughout: it may be the result of a recorded sub-step. */
export interface ModelAnswer {
  readonly text: string;
  readonly object?: unknown;
  readonly toolCalls: readonly ModelToolCall[];
  readonly finish: "stop" | "length" | "tool-calls" | "content-filter" | "error" | "other";
  readonly usage: ModelUsage;
}

/** One call as the trace shows it. */
export interface ModelUsage {
  /** `provider:model`. */
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens?: number;
  /** US dollars; absent: the price is not known. */
  readonly costUsd?: number;
  /** The provider did not say all of it, e.g. because a stream broke off: counted by length. */
  readonly estimated?: true;
  /** Milliseconds since 1970; absent in a test run, and in runs of before this was kept. */
  readonly startedAt?: number;
  readonly durationMs: number;
}

export interface ModelSpending {
  readonly calls: number;
  readonly tokens: number;
  readonly costUsd: number;
}
