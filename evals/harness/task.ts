import type { Builder } from "./builder.ts";
import type { McpSession } from "./client.ts";

/** What a check speaks about; the scorecard shows a task as this vector. */
export const gates = ["plan", "deploy", "behave", "secure", "operate"] as const;
export type Gate = (typeof gates)[number];

export interface Check {
  readonly gate: Gate;
  /** The outcome that must hold, as a sentence. */
  readonly title: string;
  readonly passed: boolean;
  /** What was seen; never a secret. */
  readonly evidence: string;
}

/** What a task gets: a running platform, a way to act on it, and a place for its findings. */
export interface Lab {
  /** Base URL of the server under test. */
  readonly url: string;
  /** A fresh account and an agent that works with it, over the given SDK line. */
  agent(name: string, line?: "2.x" | "1.x"): Promise<Builder>;
  /** A client at any MCP endpoint of the server. */
  connect(path: string, token: string, line?: "2.x" | "1.x"): Promise<McpSession>;
  /** Something that must be stopped when the task ends, whatever happens. */
  keep<T extends { stop(): Promise<void> }>(world: T): T;
  check(gate: Gate, title: string, passed: boolean, evidence?: unknown): void;
}

/** One job for an agent, scored by what the world saw: a file in `evals/tasks/`. */
export interface Task {
  readonly name: string;
  readonly title: string;
  /** Wrong agents (`mutations.ts`) that this task must catch. */
  readonly mutants?: readonly string[];
  run(lab: Lab): Promise<void>;
}

export function defineTask(task: Task): Task {
  return task;
}

export interface TaskResult {
  readonly name: string;
  readonly title: string;
  readonly passed: boolean;
  readonly checks: readonly Check[];
  /** The error that ended the task early. */
  readonly problem?: string;
  /** Tool calls the agents made, and milliseconds from start to end. */
  readonly calls: number;
  readonly durationMs: number;
}
