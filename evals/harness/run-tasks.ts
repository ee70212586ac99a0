import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { AerostackError, InputError } from "#blueprints/error";
import { type RunningServer, startServer } from "#edge/local/server";
import { build, type Builder, type Mutation } from "./builder.ts";
import { type ClientLine, connect, type McpSession } from "./client.ts";
import { claim } from "./person.ts";
import type { Check, Lab, Task, TaskResult } from "./task.ts";

export interface RunOptions {
  /** Agents that do nothing: every task must fail, or it measures nothing. */
  readonly idle?: boolean;
  readonly mutate?: Mutation;
  readonly onResult?: (result: TaskResult) => void;
}

/** Starts one server on an empty data folder and runs the tasks on it, one after the other. */
export async function runTasks(
  tasks: readonly Task[],
  options: RunOptions = {},
): Promise<TaskResult[]> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), "aerostack-evals-"));
  const server = await startServer({ port: 0, dataFolder, allowHosts: "127.0.0.1:*" });
  try {
    const results: TaskResult[] = [];
    for (const task of tasks) {
      const result = await runTask(task, server, options);
      options.onResult?.(result);
      results.push(result);
    }
    return results;
  } finally {
    await server.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

async function runTask(
  task: Task,
  server: RunningServer,
  options: RunOptions,
): Promise<TaskResult> {
  const started = performance.now();
  const bench = new Bench(server, options);
  let problem: string | undefined;
  try {
    await task.run(bench.lab());
  } catch (error) {
    problem = error instanceof AerostackError ? `${error.code}: ${error.message}` : String(error);
  } finally {
    await bench.clear();
  }
  const passed =
    problem === undefined && bench.checks.length > 0 && bench.checks.every((one) => one.passed);
  return {
    name: task.name,
    title: task.title,
    passed,
    checks: bench.checks,
    ...(problem === undefined ? {} : { problem }),
    calls: bench.calls,
    durationMs: Math.round(performance.now() - started),
  };
}

/** One task's workbench: what it opened, what it found, how often it called. */
class Bench {
  readonly checks: Check[] = [];
  calls = 0;
  readonly #open: (() => Promise<void>)[] = [];
  readonly #server: RunningServer;
  readonly #options: RunOptions;

  constructor(server: RunningServer, options: RunOptions) {
    this.#server = server;
    this.#options = options;
  }

  lab(): Lab {
    return {
      url: this.#server.url,
      agent: (name, line = "2.x") => this.#agent(name, line),
      connect: (route, token, line = "2.x") => this.#connect(route, token, line),
      keep: (world) => {
        this.#open.push(() => world.stop());
        return world;
      },
      check: (gate, title, passed, evidence = "") => {
        const text = typeof evidence === "string" ? evidence : JSON.stringify(evidence);
        this.checks.push({ gate, title, passed, evidence: (text ?? "").slice(0, 600) });
      },
    };
  }

  async clear(): Promise<void> {
    for (const close of this.#open.toReversed()) await close().catch(() => undefined);
  }

  async #connect(route: string, token: string, line: ClientLine): Promise<McpSession> {
    const session = await connect(new URL(route, this.#server.url).href, token, line);
    this.#open.push(() => session.close());
    return {
      ...session,
      call: (name, input) => {
        this.calls++;
        return session.call(name, input);
      },
      must: (name, input) => {
        this.calls++;
        return session.must(name, input);
      },
    };
  }

  async #agent(name: string, line: ClientLine): Promise<Builder> {
    const operator = await this.#connect("/mcp", this.#server.accountKey, line);
    const account = await operator.must("create_account", { name });
    const key = await claim(String(account["claim_url"]));
    const session = await this.#connect("/mcp", key, line);
    return {
      account: name,
      key,
      session,
      build: (request) => {
        if (this.#options.idle) throw new InputError("eval.idle", "This agent does nothing.");
        return build(
          session,
          request,
          this.#options.mutate ? { mutate: this.#options.mutate } : {},
        );
      },
    };
  }
}
