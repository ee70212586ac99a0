import { DurableObject } from "cloudflare:workers";
import { InputError } from "#blueprints/error";
import { attempt, type Outcome, unwrap } from "#blueprints/outcome";
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
import { fromSentRequest, type SentRequest } from "./pinned-document.ts";
import type {
  Review,
  RunApi,
  RunCopy,
  RunOverview,
  RunResult,
  RunTrace,
  SignalReceipt,
} from "./run-api.ts";
import { failClosed, openRunStore, type RunStore } from "./store.ts";
import { RunStream, toStreamStart } from "./stream.ts";
import { createStubs } from "./stubs.ts";
import { statusOf, toResult, toReviews, toRunRow, toTrace, waitsForOthers } from "./trace.ts";
import type { TracePage } from "./trace-page.ts";

/** Milliseconds that an answer waits for a step that is under way to ask. */
const answerWaitMs = 5_000;
/** Milliseconds until a run is tried again that could not be read back. */
const brokenAlarmMs = 60_000;

/** One workflow run: storage, alarm and RPC names; the rules are in the modules it calls. */
export class Run extends DurableObject<Env> implements RunApi {
  #store: RunStore;
  readonly #streams = new Set<RunStream>();
  readonly #listeners = new Set<() => void>();
  #run: LiveRun | undefined;
  #alarmAt: number | undefined;
  /** Alarms in this life of the object. */
  #beats = 0;
  #reported: string | undefined;
  readonly #news: ConversationNews;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    this.#store = this.#openStore();
    this.#news = new ConversationNews(env);
  }

  #openStore(): RunStore {
    // Unsynced rows and the run in memory go; the alarm on disk brings back what was durable.
    const abort = () => this.ctx.abort("The run could not be stored.");
    return failClosed(openRunStore(this.ctx.storage), abort);
  }

  start(request: SentRequest): Promise<Outcome<{ id: string }>> {
    return attempt(() => {
      this.#begin(request).flush();
      return { id: request.id };
    });
  }

  execute(request: SentRequest, timeoutMs: number): Promise<Outcome<RunResult>> {
    return attempt(() => this.#settled(this.#begin(request), timeoutMs));
  }

  result(timeoutMs: number): Promise<Outcome<RunResult>> {
    return attempt(() => this.#settled(this.#open(), timeoutMs));
  }

  inspect(page?: TracePage): Promise<Outcome<RunTrace>> {
    return attempt(() => {
      const { request, state } = this.#open();
      return toTrace(request, state, page);
    });
  }

  overview(from: number | undefined): Promise<Outcome<RunOverview>> {
    return attempt(() => {
      const { request: run, graph, state } = this.#open();
      return toOverview({ run, graph, state }, from);
    });
  }

  home(): Promise<Outcome<string>> {
    return attempt(() => this.#open().request.workspaceId);
  }

  cancel(reason: string): Promise<Outcome<void>> {
    return attempt(() => this.#open().cancel(reason));
  }

  signal(
    step: string,
    name: string | undefined,
    payload: unknown,
    by?: Answerer,
  ): Promise<Outcome<SignalReceipt>> {
    return attempt(async () => {
      const run = this.#open();
      // Between two answers the step is under way for a moment; the next one need not know.
      if (name === undefined) await this.#until(run, () => !run.isBusy, answerWaitMs);
      return run.receive({ step, name, payload, by });
    });
  }

  reviewsFor(by: Answerer): Promise<Outcome<Review[]>> {
    return attempt(() => {
      const { request, state } = this.#open();
      return toReviews(request, state, by);
    });
  }

  copyBefore(step: string): Promise<Outcome<RunCopy>> {
    return attempt(() => {
      const run = this.#open();
      run.flush();
      const { request } = run;
      const history = this.#store.readEvents(0).map(({ event }) => event);
      return { request, events: eventsBefore(history, step) };
    });
  }

  startFrom(request: SentRequest, events: readonly RunEvent[]): Promise<Outcome<{ id: string }>> {
    return attempt(() => {
      this.#begin(request, events).flush();
      return { id: request.id };
    });
  }

  /** The event stream; `Last-Event-ID` as on the web, `?brief` for what a page needs. */
  override async fetch(request: Request): Promise<Response> {
    const run = this.#open();
    const hasSecrets = run.request.document.secrets.length > 0;
    const stream = new RunStream(
      {
        eventsAfter: (seq) => this.#store.readEvents(seq),
        changed: () => this.#changed(),
        isOver: () => run.ended,
        result: () => {
          const { id, ...rest } = toResult(run.request, run.state);
          const base = this.env.AEROSTACK_URL ?? run.request.baseUrl;
          return { run_id: id, ...rest, ...(base === undefined ? {} : { url: runUrl(base, id) }) };
        },
        redact: async (text) => {
          if (!hasSecrets) return text;
          return unwrap(await workspaceStub(this.env, run.request.workspaceId).redact(text));
        },
      },
      toStreamStart(request),
    );
    this.#streams.add(stream);
    run.flush();
    this.ctx.waitUntil(stream.pump().finally(() => this.#streams.delete(stream)));
    return stream.response;
  }

  /**
   * The dead-man alarm, the timers, and at last the end of the time that a run is kept. The platform
   * tries a handler that throws a few times and then never again, so the next alarm is set whatever
   * happens here.
   */
  override async alarm(): Promise<void> {
    this.#alarmAt = undefined;
    this.#beats += 1;
    try {
      await this.#onAlarm();
    } catch (error) {
      incidentOf(error);
      if (this.#alarmAt === undefined) await this.ctx.storage.setAlarm(Date.now() + brokenAlarmMs);
    }
  }

  async #onAlarm(): Promise<void> {
    const run = (this.#run ??= LiveRun.load(this.#ports()));
    if (!run) return;
    if (Date.now() >= keptUntil(run)) {
      await this.ctx.storage.deleteAlarm();
      await this.ctx.storage.deleteAll();
      this.#store = this.#openStore();
      this.#run = undefined;
      return;
    }
    run.fireTimers();
    this.#setAlarm(run);
    await this.#report(run);
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
    const done = deadlines.after(timeoutMs, () => this.#wake());
    while (!isSo() && Date.now() < until) await this.#changed();
    done();
    deadlines.rest();
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => this.#listeners.add(resolve));
  }

  #ports(): RunPorts {
    let world: Outside | undefined;
    return {
      nodes,
      store: this.#store,
      outside: (run, step, endChild) =>
        run.mode === "test"
          ? createStubs({ runner: createCodeRunner(this.env, run), run, step, endChild })
          : (world ??= createWorld(this.env, run)),
      now: Date.now,
      random: Math.random,
      isWatched: () => this.#streams.size > 0,
      onCommit: () => this.#committed(),
      onEmit: (event) => {
        for (const stream of this.#streams) stream.emit(event);
        this.#wake();
      },
    };
  }

  /** In the turn of a durable point: the alarm commits with it. */
  #committed(): void {
    // While a run is being started or read back the alarm set before is still right.
    queueMicrotask(() => {
      const run = this.#run;
      if (!run) return;
      this.#setAlarm(run);
      this.#wake();
      if (!run.ended && hasOrphans(run.state)) {
        this.ctx.waitUntil(endChildren(this.env, run.state));
      }
      if (run.ended || statusOf(run.state) === "waiting" || this.#news.isOwed(run)) {
        this.ctx.waitUntil(this.#reportLater(run));
      }
    });
  }

  #wake(): void {
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }

  /** Set while steps are under way, so that a killed process goes on by itself after a restart. */
  #setAlarm(run: LiveRun): void {
    const { firstHeartbeatMs, heartbeatMs } = runLimits;
    const heartbeat = Date.now() + Math.min(heartbeatMs, firstHeartbeatMs * 2 ** this.#beats);
    const timer = run.nextTimer ?? heartbeat;
    // A status that the workspace has not heard of must not be forgotten with this life.
    const isOwed = run.isBusy || run.ended || !this.#isReported(run);
    const wanted = isOwed ? Math.min(timer, heartbeat) : timer;
    const isSoonEnough = this.#alarmAt !== undefined && this.#alarmAt <= wanted;
    if (isSoonEnough) return;
    this.#alarmAt = wanted;
    void this.ctx.storage.setAlarm(wanted);
  }

  #isReported(run: LiveRun): boolean {
    const { request, state } = run;
    if (this.#news.isOwed(run)) return false;
    return request.mode !== "live" || this.#reported === statusOf(state);
  }

  /** The alarm was set before: where nobody listens now it repeats this. */
  async #reportLater(run: LiveRun): Promise<void> {
    try {
      await this.#report(run);
    } catch (error) {
      incidentOf(error);
    }
  }

  /** Tells conversation and workspace; the alarm repeats it until they have heard. */
  async #report(run: LiveRun): Promise<void> {
    if (this.#news.isOwed(run)) await this.#news.tell(run);
    const row = toRunRow(run.request, run.state);
    // Of a run that ends soon the workspace hears once.
    const age = Date.now() - run.state.startedAt;
    if (row.status === "running" && age < runLimits.heartbeatMs) return this.#setAlarm(run);
    if (run.request.mode === "live" && this.#reported !== row.status) {
      const workspace = workspaceStub(this.env, run.request.workspaceId);
      const told = await workspace.recordRun(row);
      // A workspace that was deleted meanwhile need not hear of it.
      if (!told.ok && told.error.code !== "workspace.not-found") unwrap(told);
      this.#reported = row.status;
      if (run.ended && told.ok && told.value.isTraced) {
        await workspace.exportRun(toTrace(run.request, run.state));
      }
    }
    if (!run.ended) {
      // The heartbeat was for this report alone.
      if (!run.isBusy && this.#isReported(run)) this.#alarmAt = undefined;
      return this.#setAlarm(run);
    }
    await tellParent(this.env, run.request, run.state);
    await leaveCallback(this.env, run.request, run.state);
    await endChildren(this.env, run.state);
    this.#alarmAt = keptUntil(run);
    await this.ctx.storage.setAlarm(this.#alarmAt);
  }
}

/** Milliseconds since 1970. */
function keptUntil({ state }: LiveRun): number {
  return (state.endedAt ?? Number.POSITIVE_INFINITY) + runLimits.keptMs;
}
