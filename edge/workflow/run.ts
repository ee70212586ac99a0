import { InputError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { incidentOf } from "#edge/incident";
import { createHandleTag } from "#edge/isolates/handles";
import { nodes } from "#edge/nodes/index";
import { workspaceStub } from "#edge/gateway/stub";
import type { Answerer } from "./answerer.ts";
import { leaveCallback } from "./callback.ts";
import { ConversationNews } from "./conversation-news.ts";
import { endChildren, hasOrphans, tellParent } from "./family.ts";
import { runUrl } from "./find-run.ts";
import { eventsBefore } from "./fork.ts";
import type { RunEvent } from "./history.ts";
import { runLimits } from "./limits.ts";
import { LiveRun, type RunPorts } from "./live-run.ts";
import { createCodeRunner, createWorld, type Outside } from "./outside.ts";
import { toOverview } from "./overview.ts";
import type { Reports } from "./reports.ts";
import { fromSentRequest, type SentRequest } from "./pinned-document.ts";
import type {
  Review,
  RunCopy,
  RunOverview,
  RunResult,
  RunTrace,
  SignalReceipt,
} from "./run-api.ts";
import type { RunStore } from "./store.ts";
import { RunStream, toStreamStart } from "./stream.ts";
import { createStubs } from "./stubs.ts";
import { statusOf, toResult, toReviews, toRunRow, toTrace, waitsForOthers } from "./trace.ts";
import type { TracePage } from "./trace-page.ts";

/** Milliseconds that an answer waits for a step that is under way to ask. */
const answerWaitMs = 5_000;

/** What its shard lends a run. */
export interface RunPlace {
  readonly id: string;
  readonly env: Env;
  readonly store: RunStore;
  /** Milliseconds since 1970: `wake` is called then, in this life or another; commits with this turn's rows. */
  wakeAt(at: number): void;
  /** Tells the workspace how the run stands. */
  readonly tell: Reports["tell"];
  /** Deletes all that is stored of the run. */
  forget(): void;
  /** Lets work go on after the answer. */
  waitUntil(work: Promise<unknown>): void;
  /** Nothing is under way: what is in memory may be let go of. */
  rest(): void;
}

/** One run in its shard: what the methods of `RunApi` do, its events as a stream, its time to wake. */
export class Run {
  readonly #place: RunPlace;
  readonly #streams = new Set<RunStream>();
  readonly #listeners = new Set<() => void>();
  #run: LiveRun | undefined;
  #wakesAt: number | undefined;
  /** Times that it was woken in this life. */
  #beats = 0;
  #reported: string | undefined;
  readonly #news: ConversationNews;
  /** Callers and work that are not done with it. */
  #uses = 0;

  constructor(place: RunPlace) {
    this.#place = place;
    this.#news = new ConversationNews(place.env);
  }

  /** Keeps it in memory meanwhile. */
  async use<T>(work: () => T | Promise<T>): Promise<T> {
    this.#uses += 1;
    try {
      return await work();
    } finally {
      this.#uses -= 1;
      this.#rest();
    }
  }

  #rest(): void {
    if (this.#uses === 0 && this.#run?.isBusy !== true) this.#place.rest();
  }

  #later(work: () => Promise<void>): void {
    this.#place.waitUntil(this.use(work));
  }

  start(request: SentRequest): { id: string } {
    this.#begin(request).flush();
    return { id: request.id };
  }

  execute(request: SentRequest, timeoutMs: number): Promise<RunResult> {
    return this.#settled(this.#begin(request), timeoutMs);
  }

  result(timeoutMs: number): Promise<RunResult> {
    return this.#settled(this.#open(), timeoutMs);
  }

  inspect(page?: TracePage): RunTrace {
    const { request, state } = this.#open();
    return toTrace(request, state, page);
  }

  overview(from: number | undefined): RunOverview {
    const { request: run, graph, state } = this.#open();
    return toOverview({ run, graph, state }, from);
  }

  home(): string {
    return this.#open().request.workspaceId;
  }

  cancel(reason: string): void {
    this.#open().cancel(reason);
  }

  async signal(
    step: string,
    name: string | undefined,
    payload: unknown,
    by?: Answerer,
  ): Promise<SignalReceipt> {
    const run = this.#open();
    // Between two answers the step is under way for a moment; the next one need not know.
    if (name === undefined) await this.#until(run, () => !run.isBusy, answerWaitMs);
    return run.receive({ step, name, payload, by });
  }

  reviewsFor(by: Answerer): Review[] {
    const { request, state } = this.#open();
    return toReviews(request, state, by);
  }

  copyBefore(step: string): RunCopy {
    const run = this.#open();
    run.flush();
    const history = this.#place.store.readEvents(0).map(({ event }) => event);
    return { request: run.request, events: eventsBefore(history, step) };
  }

  startFrom(request: SentRequest, events: readonly RunEvent[]): { id: string } {
    this.#begin(request, events).flush();
    return { id: request.id };
  }

  /** The event stream; `Last-Event-ID` as on the web, `?brief` for what a page needs. */
  stream(request: Request): Response {
    const { env, store } = this.#place;
    const run = this.#open();
    const hasSecrets = run.request.document.secrets.length > 0;
    const stream = new RunStream(
      {
        eventsAfter: (seq) => store.readEvents(seq),
        changed: () => this.#changed(),
        isOver: () => run.ended,
        result: () => {
          const { id, ...rest } = toResult(run.request, run.state);
          const base = env.AEROSTACK_URL ?? run.request.baseUrl;
          return { run_id: id, ...rest, ...(base === undefined ? {} : { url: runUrl(base, id) }) };
        },
        redact: async (text) => {
          if (!hasSecrets) return text;
          return unwrap(await workspaceStub(env, run.request.workspaceId).redact(text));
        },
      },
      toStreamStart(request),
    );
    this.#streams.add(stream);
    run.flush();
    this.#later(() => stream.pump().finally(() => this.#streams.delete(stream)));
    return stream.response;
  }

  /** The dead man's switch, the timers, and at last the end of the time that a run is kept. */
  wake(): void {
    this.#wakesAt = undefined;
    const run = (this.#run ??= LiveRun.load(this.#ports()));
    if (!run || Date.now() >= keptUntil(run)) {
      this.#run = undefined;
      return this.#place.forget();
    }
    run.fireTimers();
    // What only has to tell something had its quick second try by now.
    this.#beats = run.isBusy ? this.#beats + 1 : Infinity;
    this.#setWake(run);
    this.#later(() => this.#reportLater(run));
  }

  #begin(request: SentRequest, before: readonly RunEvent[] = []): LiveRun {
    const known = (this.#run ??= LiveRun.load(this.#ports()));
    if (!known) {
      const tagged = { handleTag: createHandleTag(), ...fromSentRequest(request) };
      return (this.#run = LiveRun.start(tagged, this.#ports(), before));
    }
    if (known.request.fingerprint === request.fingerprint) return known;
    throw new InputError(
      "run.other-request",
      `The run ${request.id} was started with another input.`,
      { status: 422, fix: "Use a new idempotency key for a new request." },
    );
  }

  #open(): LiveRun {
    const run = (this.#run ??= LiveRun.load(this.#ports()));
    if (run) return run;
    throw new InputError("run.not-found", "There is no such run.", { status: 404 });
  }

  async #settled(run: LiveRun, timeoutMs: number): Promise<RunResult> {
    await this.#until(run, () => run.ended || waitsForOthers(run.state), timeoutMs);
    run.flush();
    return toResult(run.request, run.state);
  }

  async #until({ deadlines }: LiveRun, isSo: () => boolean, timeoutMs: number): Promise<void> {
    const until = Date.now() + timeoutMs;
    const done = deadlines.after(timeoutMs, () => this.#tell());
    while (!isSo() && Date.now() < until) await this.#changed();
    done();
    deadlines.rest();
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => this.#listeners.add(resolve));
  }

  #ports(): RunPorts {
    const { env, store } = this.#place;
    let world: Outside | undefined;
    return {
      nodes,
      store,
      outside: (run, step, endChild) =>
        run.mode === "test"
          ? createStubs({ runner: createCodeRunner(env, run), run, step, endChild })
          : (world ??= createWorld(env, run)),
      now: Date.now,
      random: Math.random,
      isWatched: () => this.#streams.size > 0,
      onCommit: () => this.#committed(),
      onIdle: () => queueMicrotask(() => this.#rest()),
      onEmit: (event) => {
        for (const stream of this.#streams) stream.emit(event);
        this.#tell();
      },
    };
  }

  /** In the turn of a durable point: the time to wake commits with it. */
  #committed(): void {
    // While a run is being started or read back the time set before is still right.
    queueMicrotask(() => {
      const run = this.#run;
      if (!run) return;
      this.#setWake(run);
      this.#tell();
      if (!run.ended && hasOrphans(run.state)) {
        this.#later(() => endChildren(this.#place.env, run.state));
      }
      if (run.ended || statusOf(run.state) === "waiting" || this.#news.isOwed(run)) {
        this.#later(() => this.#reportLater(run));
      }
    });
  }

  #tell(): void {
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }

  /** Set while steps are under way, so that a killed process goes on by itself after a restart. */
  #setWake(run: LiveRun): void {
    const { firstHeartbeatMs, heartbeatMs, reportMs } = runLimits;
    const atMost = run.isBusy ? heartbeatMs : reportMs;
    const heartbeat = Date.now() + Math.min(atMost, firstHeartbeatMs * 2 ** this.#beats);
    const timer = run.nextTimer ?? heartbeat;
    // A status that the workspace has not heard of must not be forgotten with this life.
    const isOwed = run.isBusy || run.ended || !this.#isReported(run);
    const wanted = isOwed ? Math.min(timer, heartbeat) : timer;
    const isSoonEnough = this.#wakesAt !== undefined && this.#wakesAt <= wanted;
    if (!isSoonEnough) this.#wakeAt(wanted);
  }

  #wakeAt(at: number): void {
    this.#wakesAt = at;
    this.#place.wakeAt(at);
  }

  #isReported(run: LiveRun): boolean {
    const { request, state } = run;
    if (this.#news.isOwed(run)) return false;
    return request.mode !== "live" || this.#reported === statusOf(state);
  }

  /** The time to wake was set before: where nobody listens now, this is repeated then. */
  async #reportLater(run: LiveRun): Promise<void> {
    try {
      await this.#report(run);
    } catch (error) {
      incidentOf(error);
    }
  }

  /** Tells conversation and workspace; repeated until they have heard. */
  async #report(run: LiveRun): Promise<void> {
    if (this.#news.isOwed(run)) await this.#news.tell(run);
    const row = toRunRow(run.request, run.state);
    // Of a run that ends soon the workspace hears once.
    const age = Date.now() - run.state.startedAt;
    if (row.status === "running" && age < runLimits.reportMs) return this.#setWake(run);
    if (run.request.mode === "live" && this.#reported !== row.status) {
      const told = await this.#place.tell(run.request.workspaceId, row);
      // A workspace that was deleted meanwhile need not hear of it.
      if (!told.ok && told.error.code !== "workspace.not-found") unwrap(told);
      this.#reported = row.status;
      if (row.endedAt !== undefined && told.ok && told.value.isTraced) {
        const workspace = workspaceStub(this.#place.env, run.request.workspaceId);
        await workspace.exportRun(toTrace(run.request, run.state));
      }
    }
    // It has gone on meanwhile: that is a report of its own.
    if (!this.#isReported(run)) return this.#setWake(run);
    if (!run.ended) {
      // The heartbeat was for this report alone.
      if (!run.isBusy) this.#wakesAt = undefined;
      return this.#setWake(run);
    }
    const { env } = this.#place;
    await tellParent(env, run.request, run.state);
    await leaveCallback(env, run.request, run.state);
    await endChildren(env, run.state);
    this.#wakeAt(keptUntil(run));
  }
}

/** Milliseconds since 1970. */
function keptUntil({ state }: LiveRun): number {
  return (state.endedAt ?? Number.POSITIVE_INFINITY) + runLimits.keptMs;
}
