import type { RetryPolicy } from "./blueprint.ts";
import type { SerializedError } from "./outcome.ts";

/**
 * The port by which a step leaves that failed for good. No edge is drawn from it; a node type that
 * catches errors implies edges from it to itself.
 */
export const failurePort = "!failed";

/** An edge that nobody draws: the config of a node says it. */
export interface ImpliedEdge {
  readonly from: string;
  readonly port: string;
  readonly to: string;
  /** The body behind this edge undoes that node once, when the error is caught or the run cancelled. */
  readonly undoes?: string;
}

/**
 * A node whose step stays open while other steps run inside it: a loop, branches, a clean-up. The
 * nodes behind a body port, up to where no edge leads on, are that port's body; one pass through it
 * is a frame, with a key that makes up the paths of its steps: `each_item[3]/send`.
 *
 * All functions are pure: they are asked again after a restart, and must say the same. `config` is
 * rendered in `next`, `locals` and `retry`, as written (templates in it) elsewhere.
 */
export interface NodeScope<Config = unknown> {
  /** The ports that lead into bodies; the others lead on once the step is over. */
  bodies(config: Config): readonly string[];
  /** Edges beside the drawn ones; `id` is the node's own. */
  implies?(id: string, config: Config): readonly ImpliedEdge[];
  /** Names that expressions in the bodies may read beside `input`, `steps`, `vars`, `run`. */
  names?(config: Config): readonly string[];
  /** The values of these names in one frame. */
  locals?(config: Config, key: string): Readonly<Record<string, unknown>>;
  /** What happens next in an open step. A thrown error fails the step. */
  next(view: ScopeView, config: Config): ScopeDecision;
  /** How a step that this node catches errors of is retried, where its node does not say. */
  retry?(config: Config, error: SerializedError): RetryPolicy | undefined;
}

/** One pass through a body. */
export interface ScopeFrame {
  readonly key: string;
  readonly port: string;
  readonly status: "open" | "succeeded" | "failed" | "cancelled";
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt?: number;
  /** Of the step that finished last; only once succeeded. */
  readonly output?: unknown;
  readonly error?: SerializedError;
}

/** What an open step can see. */
export interface ScopeView {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What `run` opened the step with. */
  readonly opened: unknown;
  /** In order of their start. */
  readonly frames: readonly ScopeFrame[];
  /** Ids of the nodes beside this one that have succeeded, the first one first. */
  readonly finished: readonly string[];
  /** Evaluates an expression inside a frame, or beside this step, with more names if wanted. */
  evaluate(
    source: string,
    where?: { readonly key?: string; readonly names?: Readonly<Record<string, unknown>> },
  ): unknown;
}

/** All fields are done, in this order; without any of them the step waits for its frames. */
export interface ScopeDecision {
  /** Keys of frames that shall end now; what they still do is discarded. */
  readonly cancel?: readonly string[];
  /** Frames to begin; a key begins once. */
  readonly start?: readonly { readonly key: string; readonly port: string }[];
  /** Ask again then, at the latest; milliseconds since 1970. */
  readonly until?: number;
  /** The step is over; frames that are still open are cancelled. */
  readonly finish?:
    | { readonly output: unknown; readonly port?: string; readonly raise?: SerializedError }
    | { readonly error: SerializedError };
}
