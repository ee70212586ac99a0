import { nextDue, type ScheduleSpec } from "./schedule-spec.ts";

/** What a `Schedule` object remembers between two alarms. Times are milliseconds since 1970. */
export interface SchedulePlan {
  readonly spec: ScheduleSpec;
  readonly dueAt: number;
  /** Failed starts of this due time. */
  readonly failures: number;
  /** The run that was started last. */
  readonly lastRun?: string;
  /** Missed times that were made up for in a row (`missed: all`). */
  readonly caughtUp?: number;
}

/** What an alarm has to do, in this order; `dueAt` undefined: the schedule never comes again. */
export interface ScheduleStep {
  /** Asks for the run before to be cancelled first. */
  readonly cancels: boolean;
  readonly starts: boolean;
  /** What the plan says afterwards. */
  readonly dueAt: number | undefined;
  readonly caughtUp: number;
  /** When the next alarm comes; the due time unless something has to be waited for. */
  readonly alarmAt: number | undefined;
}

export const scheduleLimits = {
  /** Milliseconds after its time from which on a start counts as missed. */
  grace: 60_000,
  /** Missed times that `missed: all` makes up for. */
  caughtUp: 100,
  /** Milliseconds between two looks at a run that has to end first (`overlap: queue`). */
  poll: 15_000,
} as const;

/** From the plan, the clock and whether the run before is still going, nothing else. */
export function stepSchedule(plan: SchedulePlan, now: number, isBusy: boolean): ScheduleStep {
  const { spec, dueAt } = plan;
  const { missed = "once", overlap = "allow" } = spec;
  const isMissed = now - dueAt > scheduleLimits.grace;
  const caughtUp = plan.caughtUp ?? 0;
  if (isBusy && overlap === "queue") {
    return { cancels: false, starts: false, dueAt, caughtUp, alarmAt: now + scheduleLimits.poll };
  }
  const catchesUp = isMissed && missed === "all" && caughtUp < scheduleLimits.caughtUp;
  // Looked up from the due time itself, the next one may have been missed as well.
  const next = nextDue(spec, catchesUp ? dueAt : now);
  const leavesOut = (isMissed && missed === "skip") || (isBusy && overlap === "skip");
  return {
    cancels: isBusy && !leavesOut && overlap === "replace",
    starts: !leavesOut,
    dueAt: next,
    caughtUp: catchesUp ? caughtUp + 1 : 0,
    alarmAt: next,
  };
}
