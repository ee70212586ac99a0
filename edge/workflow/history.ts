import { z } from "zod";

/**
 * What happened in a run, in order. The union is closed; a stored event is never changed. Times are
 * milliseconds since 1970. `step` is a path: `send`, or `each_item[3]/send` inside a frame.
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
  kind: z.enum(["http", "tool", "function", "model", "run"]),
  target: z.string(),
  status: z.number().exactOptional(),
  body: z.unknown().exactOptional(),
});
const modelUsage = z.object({
  model: z.string(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  cachedTokens: z.number().exactOptional(),
  costUsd: z.number().exactOptional(),
  estimated: z.literal(true).exactOptional(),
  startedAt: z.number().exactOptional(),
  durationMs: z.number(),
});
/** What an attempt did beside its result; `models` only where models were called. */
const report = {
  logs: z.array(z.string()),
  effects: z.array(effect),
  models: z.array(modelUsage).exactOptional(),
};
const wait = z.object({
  /** Name of the signal that ends the wait. */
  signal: z.string().exactOptional(),
  /** Any of these does. */
  signals: z.array(z.string()).exactOptional(),
  /** When the wait ends by itself. */
  until: z.number().exactOptional(),
  title: z.string().exactOptional(),
  message: z.string().exactOptional(),
  form: z.record(z.string(), z.unknown()).exactOptional(),
  material: z.unknown().exactOptional(),
  reviewers: z.array(z.string()).exactOptional(),
  answered: z.array(z.string()).exactOptional(),
  isOpen: z.boolean().exactOptional(),
  link: z.string().exactOptional(),
  inWords: z
    .object({
      field: z.string().exactOptional(),
      words: z.record(z.string(), z.unknown()).exactOptional(),
      otherwise: z.string().exactOptional(),
    })
    .exactOptional(),
  child: z.string().exactOptional(),
});
const variables = z.record(z.string(), z.unknown());
const stepEffect = z.enum(["pure", "read", "idempotent", "external"]);

const runEvents = [
  z.object({ type: z.literal("run-started"), at }),
  /** The process died while steps were under way, and came back. */
  z.object({ type: z.literal("run-recovered"), at }),
  /** Only what undoes finished steps still runs. */
  z.object({ type: z.literal("run-cancelling"), at, reason: z.string() }),
  z.object({ type: z.literal("run-succeeded"), at, output: z.unknown() }),
  z.object({ type: z.literal("run-failed"), at, error: stepError, step: step.exactOptional() }),
  z.object({ type: z.literal("run-cancelled"), at, reason: z.string() }),
] as const;

const stepEvents = [
  z.object({
    type: z.literal("step-started"),
    at,
    step,
    attempt: z.number(),
    effect: stepEffect,
    input: z.unknown(),
  }),
  /** It stays open while frames of its scope run. */
  z.object({ type: z.literal("step-opened"), at, step, opened: z.unknown(), variables, ...report }),
  z.object({
    type: z.literal("step-succeeded"),
    at,
    step,
    port: z.string(),
    output: z.unknown(),
    variables,
    /** Its frame fails with this once the ways from here are done. */
    raise: stepError.exactOptional(),
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
    /** Who sent it, where that is known. */
    by: z.string().exactOptional(),
  }),
  /** A run was started by the step. */
  z.object({
    type: z.literal("child-started"),
    at,
    step,
    run: z.string(),
    workflow: z.string(),
    /** It does not end with the step, and the step does not hear of its end. */
    detached: z.literal(true).exactOptional(),
  }),
] as const;

const substepEvents = [
  z.object({
    type: z.literal("substep-started"),
    at,
    step,
    name: z.string(),
    attempt: z.number(),
    effect: stepEffect,
    /** Left open by a crash it is told to the handler rather than to the node's `on_uncertain`. */
    throws: z.literal(true).exactOptional(),
    input: z.unknown().exactOptional(),
  }),
  z.object({
    type: z.literal("substep-succeeded"),
    at,
    step,
    name: z.string(),
    output: z.unknown(),
    variables: variables.exactOptional(),
    ...report,
  }),
  /** `until`: the whole step pauses, and this is tried again then. */
  z.object({
    type: z.literal("substep-failed"),
    at,
    step,
    name: z.string(),
    error: stepError,
    until: z.number().exactOptional(),
    ...report,
  }),
] as const;

const frameEvents = [
  /** One pass through a body of the open step `step`. */
  z.object({
    type: z.literal("frame-started"),
    at,
    step,
    key: z.string(),
    port: z.string(),
    /** Path of the step that it undoes. */
    undoes: z.string().exactOptional(),
  }),
  z.object({
    type: z.literal("frame-ended"),
    at,
    /** `each_item[3]` */
    frame: z.string(),
    status: z.enum(["succeeded", "failed", "cancelled"]),
    error: stepError.exactOptional(),
  }),
] as const;

export const runEventSchema = z.discriminatedUnion("type", [
  ...runEvents,
  ...stepEvents,
  ...substepEvents,
  ...frameEvents,
]);

export type RunEvent = z.infer<typeof runEventSchema>;
export type EventOf<Type extends RunEvent["type"]> = Extract<RunEvent, { type: Type }>;
export type StepError = z.infer<typeof stepError>;
export type StepEffect = z.infer<typeof effect>;
export type StepWait = z.infer<typeof wait>;
export type StepModelUsage = z.infer<typeof modelUsage>;
/** What an attempt did beside its result. */
export interface StepReport {
  readonly logs: string[];
  readonly effects: StepEffect[];
  readonly models?: StepModelUsage[];
}

/** Name of the signal that decides about a step with `on_uncertain: ask`. */
export const uncertainSignal = "uncertain";
/** Name of the signal by which a run that a step started says how it ended. */
export const childSignal = "child";
/**
 * Names of the signals that call off what a detached step has not done yet: one that it may wait for,
 * and one for when that wait is over and it tries again.
 */
export const recallSignals = { waiting: "recall", after: "recall_after" } as const;
/** Id of the only step of a detached run beside its trigger. */
export const detachedStep = "step";
