import type { NodeCatalogue } from "#blueprints/catalogue";
import type { ChildResult } from "#blueprints/node-context";
import { serializeError } from "#blueprints/outcome";
import { render } from "#blueprints/template";
import { Canceller } from "#edge/cancel";
import { Deadlines } from "#edge/deadlines";
import { type Command, decide, dueSteps, nextTimer } from "./decide.ts";
import { createScope, type Program } from "./expression-scope.ts";
import { type Graph, graphOf } from "./graph.ts";
import { childSignal, type RunEvent } from "./history.ts";
import { Journal, type JournalPorts } from "./journal.ts";
import { historyTooLarge } from "./limits.ts";
import type { Outside } from "./outside.ts";
import { type Outcome, performStep, toEvent, toFinished } from "./perform.ts";
import { type PreparedStep, prepareStep } from "./prepare.ts";
import { recover } from "./recover.ts";
import { retryDelay, retryPolicyOf } from "./retry.ts";
import type { RunRequest, SignalReceipt } from "./run-api.ts";
import { hasEnded, type RunState, type StepState } from "./run-state.ts";
import { type Answer, admitSignal, awaitedSignal } from "./signals.ts";
import { nameOf } from "./answerer.ts";
import { nextUndo } from "./undo.ts";

/** What varies around a run; `Run` passes it in. */
export interface RunPorts extends JournalPorts {
  readonly nodes: NodeCatalogue;
  /** Where the effects of a step go; `step` is its node's id. */
  outside(run: RunRequest, step: string, endChild: EndChild): Outside;
  /** 0 to 1, for the jitter of retries. */
  readonly random: () => number;
  /** An event that is not stored, for whoever watches. */
  onEmit(event: { readonly type: string; readonly data: unknown }): void;
  /** In the turn in which nothing is under way any more. */
  onIdle(): void;
}

/** Tells a step of this run how the run ended that it started. */
export type EndChild = (parent: { readonly step: string }, result: ChildResult) => void;

interface Begun {
  readonly step: StepState;
  readonly prepared: PreparedStep;
}

/** A run in memory: decides what comes next, performs it, and records it in its journal. */
export class LiveRun {
  readonly request: RunRequest;
  readonly deadlines = new Deadlines(Date.now);
  readonly #ports: RunPorts;
  readonly #program: Program;
  readonly #journal: Journal;
  /** By path of the step that is under way. */
  readonly #cancels = new Map<string, Canceller>();
  /** Steps have ended that are not followed up yet. */
  #isBehind = false;

  private constructor(request: RunRequest, ports: RunPorts) {
    this.request = request;
    // The machine's clock may be set back; deadlines, durations and the order of events hold.
    this.#ports = { ...ports, now: () => Math.max(ports.now(), this.state.at) };
    this.#program = { graph: graphOf(request.document.workflow, ports.nodes), run: request };
    this.#journal = new Journal(request, ports, this.deadlines);
  }

  /**
   * A run that begins; it is durable after `flush`, at the next durable point, or 100 ms later.
   * `before`: what another run had done already.
   * @throws InputError for a workflow that cannot run; nothing is written then
   */
  static start(request: RunRequest, ports: RunPorts, before: readonly RunEvent[] = []): LiveRun {
    const run = new LiveRun(request, ports);
    const at = ports.now();
    run.#journal.append({ type: "run-started", at });
    for (const event of before) if (event.type !== "run-started") run.#journal.append(event);
    run.advance();
    return run;
  }

  /** A run read back from storage; undefined: there is none. */
  static load(ports: RunPorts): LiveRun | undefined {
    const request = ports.store.readRequest();
    if (!request) return undefined;
    const run = new LiveRun(request, ports);
    run.#journal.load();
    for (const event of recover(run.state, run.#program, ports.now())) run.#journal.record(event);
    run.advance();
    return run;
  }

  get state(): RunState {
    return this.#journal.state;
  }

  get graph(): Graph {
    return this.#program.graph;
  }

  get isBusy(): boolean {
    return this.#cancels.size > 0 || this.#isBehind;
  }

  get ended(): boolean {
    return hasEnded(this.state);
  }

  /** When it must be looked at again, at the latest; undefined: only a signal moves it. */
  get nextTimer(): number | undefined {
    return nextTimer(this.state, this.#program, this.#ports.now());
  }

  /** Makes everything recorded so far durable. */
  flush(): void {
    this.#journal.flush();
  }

  /** Lets due timers fire. */
  fireTimers(): void {
    const now = this.#ports.now();
    for (const step of dueSteps(this.state, now)) {
      this.#journal.record({ type: "timer-fired", at: now, step });
    }
    this.advance();
  }

  /** At once, or after what finished steps declare to be undone. */
  cancel(reason: string): void {
    if (this.ended || this.state.cancelling !== undefined) return;
    const at = this.#ports.now();
    const undoes = [...this.state.open].some((frame) => frame.undoes !== undefined);
    const type =
      undoes || nextUndo(this.#program.graph, this.state) ? "run-cancelling" : "run-cancelled";
    this.#journal.record({ type, at, reason });
    this.advance();
  }

  /** An answer for a step, also before it asks. @throws InputError as `RunApi.signal` says */
  receive({ name: known, by, ...answer }: Answer): SignalReceipt {
    const signal = {
      ...answer,
      name: known ?? awaitedSignal(this.state, { step: answer.step, by }),
    };
    const status = admitSignal(this.state, this.#program, { ...signal, by });
    if (status === "duplicate") return { status };
    const sender = by && by.kind !== "stranger" ? { by: nameOf(by) } : {};
    this.#journal.record({ type: "signal-received", at: this.#ports.now(), ...signal, ...sender });
    this.advance();
    return { status };
  }

  /** Does all that can be done now; returns when only steps under way, timers or signals are left. */
  advance(): void {
    const begun: Begun[] = [];
    for (;;) {
      const commands = decide(this.state, this.#program, this.#ports.now());
      if (commands.length === 0) break;
      for (const command of commands) {
        const one = this.#obey(command);
        if (one) begun.push(one);
      }
    }
    this.#abortCancelled();
    const idle = this.#cancels.size === 0 && begun.length === 0;
    this.#commit(idle);
    if (idle) {
      this.deadlines.rest();
      this.#ports.onIdle();
    }
    for (const one of begun) void this.#perform(one);
  }

  #abortCancelled(): void {
    for (const [path, cancel] of this.#cancels) {
      if (this.state.steps.get(path)?.status !== "running") cancel.abort();
    }
  }

  /** Records a command; answers the prepared step when there is one to perform. */
  #obey(command: Command): Begun | undefined {
    const at = this.#ports.now();
    switch (command.kind) {
      case "start-step":
        return this.#begin(command, at);
      case "start-frame": {
        const { kind: _, ...frame } = command;
        this.#journal.append({ type: "frame-started", at, ...frame });
        return undefined;
      }
      case "end-frame": {
        const { kind: _, ...frame } = command;
        this.#journal.append({ type: "frame-ended", at, ...frame });
        return undefined;
      }
      case "finish-step":
        this.#journal.append(toFinished(command, at));
        return undefined;
      case "succeed-run":
        this.#journal.record(this.#conclude(at));
        return undefined;
      case "fail-run": {
        const { kind: _, ...failed } = command;
        this.#journal.record({ type: "run-failed", at, ...failed });
        return undefined;
      }
      case "cancel-run":
        this.#journal.record({ type: "run-cancelled", at, reason: command.reason });
        return undefined;
      default:
        return command satisfies never;
    }
  }

  #begin({ step, node, attempt }: Command & { kind: "start-step" }, at: number): Begun | undefined {
    const started = { type: "step-started", at, step, attempt } as const;
    try {
      const prepared = prepareStep(this.#program, this.state, { path: step, id: node });
      const { effect, config } = prepared;
      this.#journal.append({ ...started, effect, input: config });
      // A marker that must be on disk before the step acts.
      if (effect === "external" || effect === "idempotent") this.#journal.hurry();
      const state = this.state.steps.get(step);
      return state && { step: state, prepared };
    } catch (cause) {
      const { details: _, ...error } = serializeError(cause);
      this.#journal.append({ ...started, effect: "pure", input: null });
      this.#journal.append({ type: "step-failed", at, step, error, logs: [], effects: [] });
      return undefined;
    }
  }

  async #perform({ step, prepared }: Begun): Promise<void> {
    const node = this.#program.graph.nodes.get(step.node);
    if (!node) return;
    const cancel = new Canceller();
    this.#cancels.set(step.path, cancel);
    const ports = this.#ports;
    const endChild: EndChild = (parent, payload) =>
      void this.receive({ step: parent.step, name: childSignal, payload });
    const outcome = await performStep(
      prepared,
      {
        program: this.#program,
        state: this.state,
        step,
        node,
        outside: ports.outside(this.request, step.node, endChild),
        now: () => ports.now(),
        random: ports.random,
        emit: (event) => ports.onEmit(event),
        record: (event, durable) => this.#recordWithin(step, event, durable),
      },
      { cancel, deadlines: this.deadlines },
    );
    this.#cancels.delete(step.path);
    // A result that comes after the step was cancelled changes nothing.
    if (step.status === "running") this.#settle(step, prepared, outcome);
    if (this.#isBehind) return;
    // Steps that end in the same turn are followed up together.
    this.#isBehind = true;
    await Promise.resolve();
    this.#isBehind = false;
    this.advance();
  }

  /** Records what happens within a step that is under way. */
  #recordWithin(step: StepState, event: RunEvent, durable: boolean): void {
    if (step.status !== "running") return;
    this.#journal.append(event);
    if (durable) this.#journal.hurry();
    this.#commit(false);
  }

  #settle(step: StepState, { effect, definition }: PreparedStep, outcome: Outcome): void {
    const at = this.#ports.now();
    const { performed } = outcome;
    const until = performed.kind === "failed" ? this.#retryAt(step, performed, at) : undefined;
    this.#journal.append(toEvent(outcome, step.path, at, until));
    const isPlain =
      performed.kind === "succeeded" || (performed.kind === "opened" && definition.scope);
    if (effect !== "pure" || !isPlain) this.#journal.hurry();
  }

  #retryAt(
    step: StepState,
    { error, until }: Outcome["performed"] & { kind: "failed" },
    at: number,
  ): number | undefined {
    if (until !== undefined) return until;
    const { policy, always } = retryPolicyOf(this.#program.graph, step.node, error);
    const failed = always ? { retryAfterMs: 0, ...error } : error;
    const { attempt, effect } = step;
    const delay = retryDelay({ error: failed, attempt, effect }, policy, this.#ports.random);
    return delay === undefined ? undefined : at + delay;
  }

  #conclude(at: number): RunEvent {
    const { output: template } = this.request.document.workflow;
    try {
      const output =
        template === undefined
          ? this.state.root.lastFinished?.output
          : render(template, createScope(this.#program, this.state));
      return { type: "run-succeeded", at, output: output ?? null };
    } catch (cause) {
      const { details: _, ...error } = serializeError(cause);
      return { type: "run-failed", at, error };
    }
  }

  #commit(idle: boolean): void {
    this.#journal.commit(idle);
    if (!this.#journal.isTooLarge || this.ended) return;
    this.#journal.record({ type: "run-failed", at: this.#ports.now(), error: historyTooLarge });
    this.#abortCancelled();
    this.#journal.commit(true);
  }
}
