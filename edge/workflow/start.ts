import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { workspaceStub } from "#edge/gateway/stub";
import { InputError } from "#blueprints/error";
import { type Starter, starterIn } from "./answerer.ts";
import { checkInput } from "./context.ts";
import { byteLength } from "./json-value.ts";
import { rememberRun } from "./known-runs.ts";
import { runLimits } from "./limits.ts";
import { type RunEvent, uncertainSignal } from "./history.ts";
import { shortenOverview } from "./overview.ts";
import type { TracePage } from "./trace-page.ts";
import { toSentRequest } from "./pinned-document.ts";
import type {
  RunApi,
  RunOverview,
  RunRequest,
  RunResult,
  RunShardApi,
  RunTrace,
} from "./run-api.ts";
import { shardOf } from "./run-id.ts";
import { splitPath } from "./run-state.ts";

/** A run from outside, and its event stream. */
export type RunStub = RunApi & {
  /** Of the request the query and `Last-Event-ID`. */
  stream(request: Request): Promise<Response>;
};

/** A run in its object; it may not exist. */
export function runStub(env: Env, id: string): RunStub {
  // The generated stub type loses types with `unknown` fields; the object implements the same API.
  const stub: unknown = env.RUN.getByName(shardOf(id));
  const shard = stub as RunShardApi & { fetch(request: Request): Promise<Response> };
  return {
    start: (...what) => shard.start(id, ...what),
    execute: (...what) => shard.execute(id, ...what),
    result: (...what) => shard.result(id, ...what),
    inspect: (...what) => shard.inspect(id, ...what),
    overview: (...what) => shard.overview(id, ...what),
    home: () => shard.home(id),
    cancel: (...what) => shard.cancel(id, ...what),
    signal: (...what) => shard.signal(id, ...what),
    reviewsFor: (...what) => shard.reviewsFor(id, ...what),
    copyBefore: (...what) => shard.copyBefore(id, ...what),
    startFrom: (...what) => shard.startFrom(id, ...what),
    stream(request) {
      const { search } = new URL(request.url);
      const { headers } = request;
      return shard.fetch(new Request(`https://run/${id}${search}`, { headers }));
    },
  };
}

/**
 * Starts a run, or joins the one that has this id. When this returns the run is on disk and goes on
 * by itself. @throws InputError `input.invalid`, `run.input-too-large`, `run.other-request`
 */
export async function startRun(env: Env, request: RunRequest): Promise<{ id: string }> {
  checkRequest(request);
  const started = unwrap(await runStub(env, request.id).start(toSentRequest(request)));
  rememberRun(started.id);
  return started;
}

/** Starts or joins a run and waits until it ends or pauses, at the latest for `timeoutMs`. */
export async function executeRun(
  env: Env,
  request: RunRequest,
  timeoutMs: number,
): Promise<RunResult> {
  checkRequest(request);
  const stub = runStub(env, request.id);
  const result = unwrap(await stub.execute(toSentRequest(request), timeoutMs));
  rememberRun(request.id);
  return redact(env, request, result);
}

export interface Fork {
  /** Path of the step that comes next in the new run. */
  readonly step: string;
  /** Undefined: the same. */
  readonly input?: unknown;
  /** Fields that replace those of the step's config. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
}

/** What the new run has of its own. */
type ForkStart = Starter & Pick<RunRequest, "id" | "baseUrl">;

/**
 * Starts a run that goes on from before a step of another one: what had finished by then is taken
 * over and does not run again; but a person's decision holds only for what that person saw.
 * @throws InputError `run.unknown-step`, `input.invalid`, `run.fork-past-decision`
 */
export async function forkRun(
  env: Env,
  from: string,
  { id, step, input, config, baseUrl, ...starter }: Fork & ForkStart,
): Promise<{ id: string }> {
  const copy = unwrap(await runStub(env, from).copyBefore(step));
  // Who was told of the first run's end is not told of another one's.
  const { fingerprint: _, parent: __, callback: ___, ...request } = copy.request;
  const { conversation: ____, startedBy: _____, startedFor: ______, ...kept } = request;
  const changes = input !== undefined || config !== undefined;
  if (changes && copy.events.some(isDecision)) throw decidedBefore(step);
  const forked: RunRequest = {
    ...kept,
    id,
    trigger: "manual",
    input: input === undefined ? kept.input : input,
    document: config ? withConfig(kept.document, splitPath(step).node, config) : kept.document,
    forkedFrom: { runId: from, step },
    ...starterIn(starter),
    ...(baseUrl === undefined ? {} : { baseUrl }),
  };
  checkRequest(forked);
  return unwrap(await runStub(env, id).startFrom(toSentRequest(forked), copy.events));
}

function isDecision(event: RunEvent): boolean {
  return (
    event.type === "signal-received" && event.by !== undefined && event.name !== uncertainSignal
  );
}

function decidedBefore(step: string): InputError {
  return new InputError(
    "run.fork-past-decision",
    `A person has decided before "${step}"; a fork with other data cannot take that over.`,
    { status: 409, fix: "Fork from the step that asks, or from before it." },
  );
}

/** The pinned document of one run, changed for it alone. */
function withConfig(
  document: RunRequest["document"],
  node: string,
  config: Readonly<Record<string, unknown>>,
): RunRequest["document"] {
  const nodes = document.workflow.nodes.map((one) =>
    one.id === node ? { ...one, config: { ...one.config, ...config } } : one,
  );
  return { ...document, workflow: { ...document.workflow, nodes } };
}

/** The trace as it may leave the platform; `page`: only that part of its steps. @throws InputError `run.not-found` */
export async function readTrace(env: Env, id: string, page?: TracePage): Promise<RunTrace> {
  const trace = unwrap(await runStub(env, id).inspect(page));
  const text = JSON.stringify(trace);
  return JSON.parse(unwrap(await workspaceStub(env, trace.workspaceId).redact(text))) as RunTrace;
}

/** The same, bounded, for a page. @throws InputError `run.not-found` */
export async function readOverview(env: Env, id: string, from?: number): Promise<RunOverview> {
  const overview = unwrap(await runStub(env, id).overview(from));
  const text = JSON.stringify(overview);
  const redacted = unwrap(await workspaceStub(env, overview.workspaceId).redact(text));
  return shortenOverview(JSON.parse(redacted) as RunOverview, "after redaction");
}

function checkRequest(request: RunRequest): void {
  const { workflow } = request.document;
  checkInput(workflow.name, workflow.input, request.input);
  const size = byteLength(JSON.stringify(request.input ?? null));
  if (size <= runLimits.payloadBytes) return;
  throw new InputError(
    "run.input-too-large",
    `The input has ${size} bytes; ${runLimits.payloadBytes} are allowed.`,
    { status: 413, fix: "Store the data elsewhere and send a reference." },
  );
}

/** The result of a run as it may leave the platform, once it ends or waits. @throws InputError `run.not-found` */
export async function settleRun(env: Env, id: string, timeoutMs: number): Promise<RunResult> {
  const stub = runStub(env, id);
  const result = unwrap(await stub.result(timeoutMs));
  const workspaceId = unwrap(await stub.home());
  const text = unwrap(await workspaceStub(env, workspaceId).redact(JSON.stringify(result)));
  return JSON.parse(text) as RunResult;
}

/** A run without secrets of its own has none to leak. */
async function redact(env: Env, request: RunRequest, result: RunResult): Promise<RunResult> {
  if (request.document.secrets.length === 0) return result;
  const workspace = workspaceStub(env, request.workspaceId);
  return JSON.parse(unwrap(await workspace.redact(JSON.stringify(result)))) as RunResult;
}
