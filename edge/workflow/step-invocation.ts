import type { WorkflowNode } from "#blueprints/blueprint";
import type { Canceller } from "#edge/cancel";
import type { Program } from "./expression-scope.ts";
import type { RunEvent, StepModelUsage, StepReport } from "./history.ts";
import type { Outside } from "./outside.ts";
import type { PreparedStep } from "./prepare.ts";
import type { RunState, StepState } from "./run-state.ts";

/** One attempt of one step, and what its handler reaches. */
export interface StepInvocation {
  readonly program: Program;
  readonly state: RunState;
  readonly step: StepState;
  readonly node: WorkflowNode;
  readonly prepared: PreparedStep;
  readonly cancel: Canceller;
  readonly outside: Outside;
  readonly now: () => number;
  readonly random: () => number;
  emit(event: { readonly type: string; readonly data: unknown }): void;
  /** `durable`: on disk before anything else leaves this object. */
  readonly record: (event: RunEvent, durable: boolean) => void;
}

/** What a handler did beside its result; recorded with the step. */
export interface StepRecord extends StepReport {
  readonly models: StepModelUsage[];
  readonly variables: Record<string, unknown>;
}

export function createRecord(): StepRecord {
  return { logs: [], effects: [], models: [], variables: {} };
}

/** As it goes into the history. */
export function toReport({ logs, effects, models }: StepRecord): StepReport {
  return { logs, effects, ...(models.length > 0 ? { models } : {}) };
}
