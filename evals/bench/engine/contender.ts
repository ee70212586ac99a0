/** `ten`: ten pure steps in a row; `fan`: twenty at once, joined. */
export type Kind = "ten" | "fan";
export const kinds: readonly Kind[] = ["ten", "fan"];

export const stepsOf = { ten: 10, fan: 20, effects: 5 } as const;

/** An engine that does the same durable work as the others, on disk, in processes of its own. */
export interface Contender {
  readonly what: string;
  /** A whole run over HTTP, its answer checked: a bench of errors would be fast. */
  run(kind: Kind): Promise<void>;
  /**
   * Starts a run of five steps, `s1` to `s5`, each of which sends `PUT <witness>/<run>/<step>`, and does
   * not wait for its end.
   */
  begin(run: string): Promise<void>;
  /** All its processes, but for the client's. */
  pids(): readonly number[];
  /** SIGKILL to all that runs the work; started again on the same data as soon as can be. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}
