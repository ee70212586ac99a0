/** What a run may use; each is enforced where its comment says, with an error that names it. */
export const runLimits = {
  /** Step starts, retries and recorded sub-steps included (`decide`, `substeps`). */
  steps: 10_000,
  /** Steps under way at the same moment; more wait for their turn (`decide`). */
  concurrentSteps: 50,
  /** Workflows that start one another, the first one not counted (`children`). */
  depth: 8,
  /** Bytes of JSON of one input or output (`start`, `perform`). */
  payloadBytes: 10_000_000,
  /** Bytes of JSON of the whole history; it is held in memory while the run is active. */
  historyBytes: 50_000_000,
  /** Milliseconds from start to end, waiting included; a detached step may say otherwise. */
  durationMs: 30 * 86_400_000,
  /** Milliseconds of one attempt of a step without `timeout_ms`. */
  stepMs: 60_000,
  /** How often the process may die in a row without any step getting finished. */
  crashes: 5,
  /**
   * Milliseconds: while steps are under way somebody looks at a run at least this often, the first time
   * sooner: so long does a killed one wait, at most. All runs of a shard are looked at together.
   */
  heartbeatMs: 2_000,
  firstHeartbeatMs: 1_000,
  /** A run that is under way for so long is listed as such; what its workspace has not heard is told again. */
  reportMs: 10_000,
  /** Milliseconds that an ended run can be read; then it deletes itself (`Run.wake`). */
  keptMs: 30 * 86_400_000,
} as const;

/** The error of a run whose outputs outgrow `historyBytes`. */
export const historyTooLarge = {
  kind: "input",
  status: 409,
  code: "run.too-large",
  message: `The outputs of the run have more than ${runLimits.historyBytes} bytes.`,
  fix: "Return references instead of large data.",
} as const;
