import type { Arrival } from "#blueprints/node-context";
import type { Effect } from "#blueprints/node";
import type { StepEffect, StepError, StepModelUsage, StepWait } from "./history.ts";

/** A recorded step within a step. */
export interface SubstepState {
  readonly name: string;
  status: "running" | "retrying" | "succeeded" | "failed" | "uncertain";
  attempt: number;
  readonly effect: Effect;
  readonly throws: boolean;
  readonly startedAt: number;
  endedAt?: number;
  input?: unknown;
  output?: unknown;
  variables?: Record<string, unknown>;
  error?: StepError;
  readonly logs: string[];
  readonly effects: StepEffect[];
  readonly models: StepModelUsage[];
}

export interface FailedAttempt {
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Absent: the process died meanwhile. */
  readonly error?: StepError;
}

export interface StepState {
  /** Its node's id. */
  readonly node: string;
  /** `send`, or `each_item[3]/send`. */
  readonly path: string;
  readonly frame: Frame;
  status:
    | "ready"
    | "running"
    | "open"
    | "waiting"
    | "retrying"
    | "uncertain"
    | "succeeded"
    | "failed"
    | "cancelled";
  attempt: number;
  /** When its attempt under way began. */
  attemptedAt: number;
  /** Attempts that failed or were interrupted, and were not the last. */
  readonly failures: FailedAttempt[];
  readonly startedAt: number;
  endedAt?: number;
  /** Number of the event by which it first started, and ended for good. */
  readonly startedSeq: number;
  endedSeq?: number;
  effect: Effect;
  /** The rendered config. */
  input: unknown;
  output?: unknown;
  port?: string;
  raise?: StepError;
  error?: StepError;
  /** While waiting or retrying. */
  wait?: StepWait;
  /** Set once a wait is over. */
  arrival?: Arrival;
  /** By name; the first one counts. */
  readonly signals: Map<string, unknown>;
  /** When they came, and from whom where that is known. */
  readonly answers: Map<string, { readonly by?: string; readonly at: number }>;
  /** Names of signals that were waited for until it was too late. */
  readonly expired: Set<string>;
  /** While and after it was open. */
  opened?: unknown;
  /** In order of their start. */
  readonly frames: Frame[];
  readonly substeps: Map<string, SubstepState>;
  /** Ids of the runs that it started. */
  readonly children: Map<string, { readonly workflow: string; readonly detached: boolean }>;
  readonly logs: string[];
  readonly effects: StepEffect[];
  readonly models: StepModelUsage[];
}

/** One pass through a body: the workflow itself, an iteration, a branch, a clean-up. */
export interface Frame {
  /** Empty for the workflow itself, `each_item[3]` inside. */
  readonly path: string;
  /** The open step that it belongs to, its node even when a cancelled run only undoes. */
  readonly owner?: { readonly path: string; readonly node: string; readonly frame: Frame };
  readonly key: string;
  readonly port: string;
  readonly undoes?: string;
  status: "open" | "succeeded" | "failed" | "cancelled";
  readonly startedAt: number;
  endedAt?: number;
  /** By node id, in order of their first start. */
  readonly steps: Map<string, StepState>;
  lastFinished?: StepState;
  error?: StepError;
}

/** The fold of a history. `applyEvent` changes it in place; nothing else does. */
export interface RunState {
  status: "new" | "running" | "succeeded" | "failed" | "cancelled";
  startedAt: number;
  endedAt?: number;
  /** Time of the latest event: the run's clock never goes back behind it. */
  at: number;
  /** Why it is being cancelled, while finished steps are undone. */
  cancelling?: string;
  readonly root: Frame;
  /** By path, in order of their first start. */
  readonly steps: Map<string, StepState>;
  readonly frames: Map<string, Frame>;
  /** Steps that are not over, by path. */
  readonly active: Map<string, StepState>;
  /** Frames that are open, the workflow's own first. */
  readonly open: Set<Frame>;
  readonly variables: Record<string, unknown>;
  /** What came for steps that had not started: by path, then by name. */
  readonly early: Map<string, Map<string, unknown>>;
  /** Events so far. */
  seq: number;
  /** Step starts so far, recorded sub-steps included. */
  starts: number;
  /** Steps under way. */
  running: number;
  /** A step started a run. */
  hasChildren: boolean;
  /** Deaths of the process since a step last succeeded, or failed for good. */
  crashes: number;
  output?: unknown;
  error?: StepError & { step?: string };
}

export function createState(): RunState {
  const root: Frame = {
    path: "",
    key: "",
    port: "",
    status: "open",
    startedAt: 0,
    steps: new Map(),
  };
  return {
    status: "new",
    startedAt: 0,
    at: 0,
    root,
    steps: new Map(),
    frames: new Map([["", root]]),
    active: new Map(),
    open: new Set([root]),
    variables: {},
    early: new Map(),
    seq: 0,
    starts: 0,
    running: 0,
    hasChildren: false,
    crashes: 0,
  };
}

export function hasEnded(state: RunState): boolean {
  return state.status !== "new" && state.status !== "running";
}

/** `send` in the frame `each_item[3]` is `each_item[3]/send`. */
export function stepPath(frame: string, node: string): string {
  return frame === "" ? node : `${frame}/${node}`;
}

/** The frame `3` of the step `each_item` is `each_item[3]`. */
export function framePath(step: string, key: string): string {
  return `${step}[${key}]`;
}

/** `each_item[3]/send` is in the frame `each_item[3]` and has the node `send`. */
export function splitPath(path: string): { frame: string; node: string } {
  const end = path.lastIndexOf("/");
  return end < 0
    ? { frame: "", node: path }
    : { frame: path.slice(0, end), node: path.slice(end + 1) };
}

/** Signals that end this wait. */
export function signalsOf(wait: StepWait | undefined): readonly string[] {
  if (!wait) return [];
  return [...(wait.signal === undefined ? [] : [wait.signal]), ...(wait.signals ?? [])];
}
