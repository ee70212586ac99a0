import type { NodeCatalogue } from "#blueprints/catalogue";
import { BugError, ConfigurationError, InputError } from "#blueprints/error";
import { serializeError } from "#blueprints/outcome";
import { render } from "#blueprints/template";
import { createScope } from "./context.ts";
import { type Command, decide, dueSteps } from "./decide.ts";
import { applyEvent } from "./fold.ts";
import { createGraph, type Graph } from "./graph.ts";
import { createState, hasEnded, type RunEvent, type RunState, uncertainSignal } from "./history.ts";
import { runLimits } from "./limits.ts";
import type { Outside } from "./outside.ts";
import { performStep, type PreparedStep, prepareStep, toEvent } from "./perform.ts";
import { recover } from "./recover.ts";
import { retryDelay } from "./retry.ts";
import type { RunRequest } from "./run-api.ts";
import type { RunStore, StoredEvent } from "./store.ts";

/** What varies around a run; the `Run` object passes it in. */
export interface RunPorts {
  readonly nodes: NodeCatalogue;
  readonly store: RunStore;
  /** Where the effects of a step go. */
  outside(run: RunRequest, step: string): Outside;
  now(): number;
  /** 0 to 1, for the jitter of retries. */
  readonly random: () => number;
  /** Somebody follows the events: they are stored, and so shown, at once. */
  isWatched(): boolean;
  /** After every durable point, in the same turn, so that what it writes commits together. */
  onCommit(): void;
  /** An event that is not stored, for whoever watches. */
  onEmit(event: { readonly type: string; readonly data: unknown }): void;
}

/** Milliseconds that a finished pure step may wait for the next durable point. */
const commitAfterMs = 100;

/**
 * A run in memory: appends events, decides, performs. What is recorded reaches storage at durable
 * points: before a step acts on the world, right after it did, and when the run waits or ends; pure
 * steps in between ride along. Cloudflare's output gates hold every request and answer until the
 * rows before it are on disk, so a marker is never behind its effect.
 */
export class LiveRun {
  readonly request: RunRequest;
  readonly state: RunState = createState();
  readonly #ports: RunPorts;
  readonly #graph: Graph;
  readonly #cancels = new Map<string, AbortController>();
  #pending: StoredEvent[] = [];
  #urgent = false;
  #committedAt = 0;
  #lateCommit: ReturnType<typeof setTimeout> | undefined;
  #bytes = 0;
  #seq = 0;

  constructor(request: RunRequest, ports: RunPorts) {
    this.request = request;
    this.#ports = ports;
    this.#graph = createGraph(request.document.workflow);
  }

  /**
   * A run that begins; it is durable after `flush`, at the next durable point, or 100 ms later.
   * @throws InputError for a workflow that cannot run; nothing is written then
   */
  static start(request: RunRequest, ports: RunPorts): LiveRun {
    const run = new LiveRun(request, ports);
    run.#committedAt = ports.now();
    run.#append({ type: "run-started", at: run.#committedAt });
    run.advance();
    return run;
  }

  /** A run read back from storage; undefined: there is none. */
  static load(ports: RunPorts): LiveRun | undefined {
    const request = ports.store.readRequest();
    if (!request) return undefined;
    const run = new LiveRun(request, ports);
    for (const { seq, event } of ports.store.readEvents(0)) {
      applyEvent(run.state, event);
      run.#seq = seq;
    }
    for (const event of recover(run.state, run.#graph, ports.now())) run.#record(event);
    run.advance();
    return run;
  }

  get isBusy(): boolean {
    return this.#cancels.size > 0;
  }

  get ended(): boolean {
    return hasEnded(this.state);
  }

  /** Lets due timers fire. */
  fireTimers(): void {
    const now = this.#ports.now();
    for (const step of dueSteps(this.state, now)) {
      this.#record({ type: "timer-fired", at: now, step });
    }
    this.advance();
  }

  cancel(reason: string): void {
    if (this.ended) return;
    this.#record({ type: "run-cancelled", at: this.#ports.now(), reason });
    this.advance();
  }

  /**
   * An answer for a step, also before it asks. The first one of a name counts; repeated ones, and
   * those after the end, change nothing. @throws InputError `signal.unknown-step`
   */
  receive(step: string, name: string, payload: unknown): void {
    if (!this.#graph.nodes.has(step)) {
      throw new InputError("signal.unknown-step", `The workflow has no step "${step}".`, {
        status: 404,
        fix: `Use one of ${[...this.#graph.nodes.keys()].join(", ")}.`,
      });
    }
    if (this.ended || this.state.signals.get(step)?.has(name)) return;
    // A word on an uncertain step means nothing before it is uncertain, or once that is settled.
    const { status } = this.state.steps.get(step) ?? {};
    if (name === uncertainSignal && status !== "uncertain") return;
    const at = this.#ports.now();
    this.#record({ type: "signal-received", at, step, name, payload });
    this.advance();
  }

  /** Does all that can be done now; returns when only steps under way, timers or signals are left. */
  advance(): void {
    const begun: { step: string; attempt: number; prepared: PreparedStep }[] = [];
    for (;;) {
      const commands = decide(this.state, this.#graph, this.#ports.now());
      if (commands.length === 0) break;
      for (const command of commands) {
        const prepared = this.#obey(command);
        if (prepared && command.kind === "start-step") begun.push({ ...command, prepared });
      }
    }
    if (this.ended) for (const cancel of this.#cancels.values()) cancel.abort();
    const idle = this.#cancels.size === 0 && begun.length === 0;
    this.#commit(idle);
    for (const { step, attempt, prepared } of begun) void this.#perform(step, attempt, prepared);
  }

  /** Records a command; answers the prepared step when there is one to perform. */
  #obey(command: Command): PreparedStep | undefined {
    const at = this.#ports.now();
    if (command.kind === "start-step") return this.#begin(command.step, command.attempt, at);
    if (command.kind === "succeed-run") this.#record(this.#conclude(at));
    else {
      const { error, step } = command;
      this.#record({ type: "run-failed", at, error, ...(step ? { step } : {}) });
    }
    return undefined;
  }

  #begin(step: string, attempt: number, at: number): PreparedStep | undefined {
    const started = { type: "step-started", at, step, attempt } as const;
    try {
      const prepared = this.#prepare(step);
      this.#append({ ...started, effect: prepared.effect, input: prepared.config });
      // A marker that must be on disk before the step acts.
      if (prepared.effect === "external" || prepared.effect === "idempotent") this.#urgent = true;
      return prepared;
    } catch (cause) {
      const error = serializeError(cause);
      this.#append({ ...started, effect: "pure", input: null });
      this.#append({ type: "step-failed", at, step, error, logs: [], effects: [] });
      return undefined;
    }
  }

  #prepare(step: string): PreparedStep {
    const node = this.#graph.nodes.get(step);
    if (!node) throw new BugError("run.unknown-step", `The workflow has no step "${step}".`);
    const definition = this.#ports.nodes[node.type];
    if (!definition) {
      throw new ConfigurationError("step.unknown-type", `No node type "${node.type}".`, {
        fix: "Use one of aerostack://node-types.",
      });
    }
    const { functions } = this.request.document;
    return prepareStep(definition, node, createScope(this.request, this.state), {
      functionEffect: (reference) => functions[reference]?.effect,
    });
  }

  async #perform(step: string, attempt: number, prepared: PreparedStep): Promise<void> {
    const node = this.#graph.nodes.get(step);
    if (!node) return;
    const cancel = new AbortController();
    this.#cancels.set(step, cancel);
    const arrival = this.state.steps.get(step)?.arrival;
    const ports = this.#ports;
    const outcome = await performStep(
      prepared,
      {
        run: this.request,
        state: this.state,
        node,
        attempt,
        ...(arrival ? { arrival } : {}),
        outside: ports.outside(this.request, step),
        now: () => ports.now(),
        emit: (event) => ports.onEmit(event),
      },
      cancel,
    );
    this.#cancels.delete(step);
    // A result that comes after the end changes nothing.
    if (this.ended) return;
    const at = ports.now();
    const { performed } = outcome;
    const failed = performed.kind === "failed" ? performed.error : undefined;
    const { effect } = prepared;
    const delay =
      failed && retryDelay({ error: failed, attempt, effect }, node.retry, ports.random);
    this.#append(toEvent(outcome, step, at, delay === undefined ? undefined : at + delay));
    if (effect !== "pure" || performed.kind !== "succeeded") this.#urgent = true;
    this.advance();
  }

  #conclude(at: number): RunEvent {
    const { output: template } = this.request.document.workflow;
    const { lastFinished } = this.state;
    try {
      const output =
        template === undefined
          ? lastFinished && this.state.steps.get(lastFinished)?.output
          : render(template, createScope(this.request, this.state));
      return { type: "run-succeeded", at, output: output ?? null };
    } catch (error) {
      return { type: "run-failed", at, error: serializeError(error) };
    }
  }

  /** Appends what must be durable at the next turn. */
  #record(event: RunEvent): void {
    this.#append(event);
    this.#urgent = true;
  }

  #append(event: RunEvent): void {
    applyEvent(this.state, event);
    this.#seq += 1;
    this.#pending.push({ seq: this.#seq, event });
  }

  /** Makes everything recorded so far durable. */
  flush(): void {
    this.#urgent = true;
    this.#commit(false);
  }

  #commit(idle: boolean): void {
    if (this.#pending.length === 0) return;
    const now = this.#ports.now();
    const due = now - this.#committedAt >= commitAfterMs || this.#ports.isWatched();
    if (!idle && !this.#urgent && !due) {
      this.#lateCommit ??= setTimeout(() => this.flush(), commitAfterMs);
      return;
    }
    clearTimeout(this.#lateCommit);
    this.#lateCommit = undefined;
    const events = this.#pending;
    this.#pending = [];
    this.#urgent = false;
    this.#committedAt = now;
    if (events[0]?.seq === 1) this.#ports.store.writeRequest(this.request);
    this.#bytes += this.#ports.store.appendEvents(events);
    this.#ports.onCommit();
    if (this.#bytes > runLimits.historyBytes && !this.ended) this.#overflow(now);
  }

  #overflow(at: number): void {
    this.#record({
      type: "run-failed",
      at,
      error: {
        kind: "input",
        status: 409,
        code: "run.too-large",
        message: `The outputs of the run have more than ${runLimits.historyBytes} bytes.`,
        fix: "Return references instead of large data.",
      },
    });
    this.advance();
  }
}
