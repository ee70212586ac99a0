import { DurableObject } from "cloudflare:workers";
import { attempt, type Outcome } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { incidentOf } from "#edge/incident";
import type { Answerer } from "./answerer.ts";
import type { RunEvent } from "./history.ts";
import type { SentRequest } from "./pinned-document.ts";
import { Reports } from "./reports.ts";
import { Run } from "./run.ts";
import type { RunShardApi } from "./run-api.ts";
import { failClosed, openShardStore, type ShardStore } from "./store.ts";
import type { TracePage } from "./trace-page.ts";

/** Milliseconds until a run is tried again that could not be read back. */
const brokenWakeMs = 60_000;

/**
 * The object that holds runs: storage, alarm and RPC names. What a run does is in `run.ts`; in memory
 * are only those that somebody asks about or that have something under way.
 */
export class RunShard extends DurableObject<Env> implements RunShardApi {
  readonly #runs = new Map<string, Run>();
  readonly #reports = new Reports(this.env);
  #store: ShardStore;
  #alarmAt: number | undefined;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    this.#store = this.#openStore();
  }

  #openStore(): ShardStore {
    // Unsynced rows and what is in memory go; the alarm on disk brings back what was durable.
    const abort = () => this.ctx.abort("The run could not be stored.");
    return failClosed(openShardStore(this.ctx.storage), abort);
  }

  start(id: string, request: SentRequest) {
    return this.#in(id, (run) => run.start(request));
  }

  execute(id: string, request: SentRequest, timeoutMs: number) {
    return this.#in(id, (run) => run.execute(request, timeoutMs));
  }

  result(id: string, timeoutMs: number) {
    return this.#in(id, (run) => run.result(timeoutMs));
  }

  inspect(id: string, page?: TracePage) {
    return this.#in(id, (run) => run.inspect(page));
  }

  overview(id: string, from: number | undefined) {
    return this.#in(id, (run) => run.overview(from));
  }

  home(id: string) {
    return this.#in(id, (run) => run.home());
  }

  cancel(id: string, reason: string) {
    return this.#in(id, (run) => run.cancel(reason));
  }

  signal(id: string, ...[step, name, payload, by]: Parameters<Run["signal"]>) {
    return this.#in(id, (run) => run.signal(step, name, payload, by));
  }

  reviewsFor(id: string, by: Answerer) {
    return this.#in(id, (run) => run.reviewsFor(by));
  }

  copyBefore(id: string, step: string) {
    return this.#in(id, (run) => run.copyBefore(step));
  }

  startFrom(id: string, request: SentRequest, events: readonly RunEvent[]) {
    return this.#in(id, (run) => run.startFrom(request, events));
  }

  /** The event stream of the run that the path names. */
  override async fetch(request: Request): Promise<Response> {
    const run = this.#runOf(new URL(request.url).pathname.slice(1));
    return run.use(() => run.stream(request));
  }

  /**
   * The platform tries a handler that throws a few times and then never again, so the next alarm is set
   * whatever happens here.
   */
  override alarm(): void {
    this.#alarmAt = undefined;
    const now = Date.now();
    for (const id of this.#store.takeDue(now, now + brokenWakeMs)) {
      try {
        this.#runOf(id).wake();
      } catch (error) {
        incidentOf(error);
      }
    }
    const next = this.#store.firstWake();
    if (next !== undefined) this.#setAlarm(next);
  }

  #in<T>(id: string, work: (run: Run) => T | Promise<T>): Promise<Outcome<T>> {
    return attempt(() => {
      const run = this.#runOf(id);
      return run.use(() => work(run));
    });
  }

  #runOf(id: string): Run {
    const known = this.#runs.get(id);
    if (known) return known;
    const run: Run = new Run({
      id,
      env: this.env,
      store: this.#store.of(id),
      wakeAt: (at) => {
        this.#store.wakeAt(id, at);
        this.#setAlarm(at);
      },
      tell: (workspaceId, row) => this.#reports.tell(workspaceId, row),
      forget: () => this.#forget(id),
      waitUntil: (work) => this.ctx.waitUntil(work),
      rest: () => {
        if (this.#runs.get(id) === run) this.#runs.delete(id);
      },
    });
    this.#runs.set(id, run);
    return run;
  }

  /** One alarm for all, never later than the first run wants it. */
  #setAlarm(at: number): void {
    // In a new life the alarm on disk may be for another run.
    const wanted = this.#alarmAt === undefined ? Math.min(at, this.#store.firstWake() ?? at) : at;
    if (this.#alarmAt !== undefined && this.#alarmAt <= wanted) return;
    this.#alarmAt = wanted;
    void this.ctx.storage.setAlarm(wanted);
  }

  /** The last one takes the database along. */
  #forget(id: string): void {
    this.#store.forget(id);
    this.#runs.delete(id);
    if (this.#runs.size > 0 || !this.#store.isEmpty()) return;
    void this.ctx.storage.deleteAlarm();
    void this.ctx.storage.deleteAll();
    this.#store = this.#openStore();
    this.#alarmAt = undefined;
  }
}
