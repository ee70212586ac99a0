/** What a check reports. An `error` stops a deploy; a `warning` is shown beside the result. */
export interface Issue {
  readonly severity: "error" | "warning";
  /** Static, e.g. `workflow.unknown-node`. */
  readonly code: string;
  /** Into the blueprint, e.g. `workflows[0].nodes[2].config.url`. */
  readonly path: string;
  /** One sentence that quotes the offending value. */
  readonly message: string;
  /** An imperative: what to change. */
  readonly fix: string;
}
