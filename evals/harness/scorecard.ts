import { type Check, type Gate, gates, type TaskResult } from "./task.ts";

/** One gate of one task: undefined where the task does not look at it. */
export interface GateScore {
  readonly passed: number;
  readonly of: number;
}

export interface Scorecard {
  readonly at: string;
  readonly passed: number;
  readonly of: number;
  readonly gates: Readonly<Record<Gate, GateScore>>;
  /** 95 % Wilson interval of the share of passed tasks. */
  readonly interval: readonly [number, number];
  readonly tasks: readonly TaskResult[];
  /** Wrong agents that the tasks were run against: caught means that at least one check failed. */
  readonly mutants?: readonly {
    readonly name: string;
    readonly caught: number;
    readonly of: number;
  }[];
}

export function toScorecard(tasks: readonly TaskResult[], at: Date): Scorecard {
  const passed = tasks.filter((task) => task.passed).length;
  const checks = tasks.flatMap((task) => task.checks);
  return {
    at: at.toISOString(),
    passed,
    of: tasks.length,
    gates: Object.fromEntries(gates.map((gate) => [gate, gateScore(checks, gate)])) as Record<
      Gate,
      GateScore
    >,
    interval: wilson(passed, tasks.length),
    tasks,
  };
}

export function gateScore(checks: readonly Check[], gate: Gate): GateScore {
  const own = checks.filter((check) => check.gate === gate);
  return { passed: own.filter((check) => check.passed).length, of: own.length };
}

/** Wilson score interval at 95 %, as shares 0..1. */
export function wilson(passed: number, of: number): readonly [number, number] {
  if (of === 0) return [0, 1];
  const z = 1.96;
  const share = passed / of;
  const middle = share + (z * z) / (2 * of);
  const spread = z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  const scale = 1 + (z * z) / of;
  return [Math.max(0, (middle - spread) / scale), Math.min(1, (middle + spread) / scale)];
}
