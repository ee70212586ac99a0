/**
 * `ten`: ten pure steps in a row; `fan`: twenty at once, joined; `effects`: ten in a row, `s1` to `s10`,
 * each of which sends `PUT <witness>/<run>/<step>`.
 */
export const kinds = ["ten", "fan", "effects"] as const;
export type Kind = (typeof kinds)[number];
/** Effects wait for the world: how long they take says little of an engine. */
export const timedKinds = ["ten", "fan"] as const satisfies readonly Kind[];
export type TimedKind = (typeof timedKinds)[number];

export const stepsOf: Readonly<Record<Kind, number>> = { ten: 10, fan: 20, effects: 10 };

/** An engine that does the same durable work as the others, on disk, in processes of its own. */
export interface Contender {
  readonly what: string;
  /** A whole run over HTTP, its answer checked: a bench of errors would be fast. */
  run(kind: Kind): Promise<void>;
  /** Starts a run of effects under this name and does not wait for its end. */
  begin(run: string): Promise<void>;
  /** All its processes, but for the client's. */
  pids(): readonly number[];
  /** SIGKILL to all that runs the work; started again on the same data as soon as can be. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}
