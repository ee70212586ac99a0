import { z } from "zod";
import type { Arrival } from "#blueprints/node-context";

/**
 * What happened in a run, in order. The union is closed; a stored event is never changed. Times are
 * milliseconds since 1970.
 */
const at = z.number();
const step = z.string();
const stepError = z.object({
  kind: z.enum(["input", "configuration", "upstream", "bug"]),
  code: z.string(),
  message: z.string(),
  fix: z.string().exactOptional(),
  status: z.number(),
  retryAfterMs: z.number().exactOptional(),
});
const effect = z.object({
  kind: z.enum(["http", "tool", "function"]),
  target: z.string(),
  status: z.number().exactOptional(),
  body: z.unknown().exactOptional(),
});
const report = { logs: z.array(z.string()), effects: z.array(effect) };
const wait = z.object({
  /** Name of the signal that ends the wait. */
  signal: z.string().exactOptional(),
  /** When the wait ends by itself. */
  until: z.number().exactOptional(),
});

export const runEventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("run-started"), at }),
  /** The process died while steps were under way, and came back. */
  z.object({ type: z.literal("run-recovered"), at }),
  z.object({
    type: z.literal("step-started"),
    at,
    step,
    attempt: z.number(),
    effect: z.enum(["pure", "read", "idempotent", "external"]),
    input: z.unknown(),
  }),
  z.object({
    type: z.literal("step-succeeded"),
    at,
    step,
    port: z.string(),
    output: z.unknown(),
    variables: z.record(z.string(), z.unknown()),
    ...report,
  }),
  /** `until`: another attempt then; absent: failed for good. */
  z.object({
    type: z.literal("step-failed"),
    at,
    step,
    error: stepError,
    until: z.number().exactOptional(),
    ...report,
  }),
  z.object({ type: z.literal("step-waiting"), at, step, wait, ...report }),
  /** It had started but not finished when the process died. */
  z.object({
    type: z.literal("step-interrupted"),
    at,
    step,
    policy: z.enum(["retry", "fail", "ask"]),
  }),
  z.object({ type: z.literal("timer-fired"), at, step }),
  z.object({
    type: z.literal("signal-received"),
    at,
    step,
    name: z.string(),
    payload: z.unknown(),
  }),
  z.object({ type: z.literal("run-succeeded"), at, output: z.unknown() }),
  z.object({ type: z.literal("run-failed"), at, error: stepError, step: step.exactOptional() }),
  z.object({ type: z.literal("run-cancelled"), at, reason: z.string() }),
]);

export type RunEvent = z.infer<typeof runEventSchema>;
export type StepError = z.infer<typeof stepError>;
export type StepEffect = z.infer<typeof effect>;
export type StepWait = z.infer<typeof wait>;

export interface StepState {
  readonly id: string;
  status: "ready" | "running" | "waiting" | "retrying" | "succeeded" | "failed" | "uncertain";
  attempt: number;
  startedAt: number;
  endedAt?: number;
  effect: "pure" | "read" | "idempotent" | "external";
  input: unknown;
  output?: unknown;
  port?: string;
  error?: StepError;
  /** While waiting or retrying. */
  wait?: StepWait;
  /** Set once a wait is over. */
  arrival?: Arrival;
  logs: string[];
  effects: StepEffect[];
}

/** The fold of a history. `applyEvent` changes it in place; nothing else does. */
export interface RunState {
  status: "new" | "running" | "succeeded" | "failed" | "cancelled";
  startedAt: number;
  endedAt?: number;
  /** In order of their first start. */
  readonly steps: Map<string, StepState>;
  readonly variables: Record<string, unknown>;
  /** By step, then by name; the first one counts. */
  readonly signals: Map<string, Map<string, unknown>>;
  /** Step starts so far. */
  starts: number;
  /** Deaths of the process since a step last succeeded. */
  crashes: number;
  lastFinished?: string;
  output?: unknown;
  error?: StepError & { step?: string };
}

export function createState(): RunState {
  return {
    status: "new",
    startedAt: 0,
    steps: new Map(),
    variables: {},
    signals: new Map(),
    starts: 0,
    crashes: 0,
  };
}

export function hasEnded(state: RunState): boolean {
  return state.status !== "new" && state.status !== "running";
}

/** Name of the signal that decides about a step with `on_uncertain: ask`. */
export const uncertainSignal = "uncertain";
