/** A tool as MCP describes it: what every dialect is made from. */
export interface ToolSource {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  /** JSON Schema 2020-12 (or draft-07) of the arguments; references must be local. */
  readonly inputSchema: JsonSchema;
  readonly outputSchema?: JsonSchema;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

/** One tool, ready for the request of one kind of model; plain JSON, stored at publish. */
export interface AdaptedTool {
  /** The name in this dialect. */
  readonly name: string;
  /** The name of the source: what is called in the end. */
  readonly source: string;
  /** What goes into the request's list of tools. */
  readonly tool: Readonly<Record<string, unknown>>;
  /** The same for other APIs of the dialect, by name. */
  readonly variants?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** What this form cannot say; empty: everything is said. */
  readonly lossy: readonly string[];
  /** Paths at which null stands for "left out"; `*` is every item of a list. */
  readonly nullToOmit?: readonly (readonly string[])[];
}

/** A call as the source understands it. `id`: the model's own, to be repeated in the result. */
export interface SourceCall {
  readonly name: string;
  readonly arguments: unknown;
  readonly id?: string;
  /** The API of the dialect that it came from, where the result has another form there. */
  readonly variant?: string;
}

export interface SourceResult {
  readonly content: readonly Readonly<Record<string, unknown>>[];
  readonly structuredContent?: unknown;
  readonly isError?: boolean;
}

/** How one kind of model speaks about tools: a file in `dialects/`, pure and deterministic. */
export interface Dialect {
  readonly name: string;
  readonly title: string;
  /** Throws InputError `adapter.*` for a schema that is not bounded, local and about an object. */
  toTool(source: ToolSource): AdaptedTool;
  /** Reads a model's call; `tools` are those the model was given. Throws InputError `adapter.*`. */
  fromCall(call: unknown, tools: readonly AdaptedTool[]): SourceCall;
  /** The answer in the form in which the model expects it. */
  toResult(call: SourceCall, result: SourceResult): Readonly<Record<string, unknown>>;
}
