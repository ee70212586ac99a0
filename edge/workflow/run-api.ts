import type { ModelUsage } from "#blueprints/model";
import type { WaitRequest } from "#blueprints/node";
import type { Outcome } from "#blueprints/outcome";
import type { Answerer, Starter } from "./answerer.ts";
import type { RunEvent } from "./history.ts";
import type { TracePage } from "./trace-page.ts";
import type { SentRequest } from "./pinned-document.ts";
import type { LiveWorkflow } from "#edge/gateway/live-items";
import type { RunRow } from "#edge/gateway/records";

/** What a run answers; `runStub` asks its object. */
export interface RunApi {
  /** Starts, or joins the run that has this id already. */
  start(request: SentRequest): Promise<Outcome<{ id: string }>>;
  /** The result as soon as the run ends or waits for others, at the latest after `timeoutMs`. */
  result(timeoutMs: number): Promise<Outcome<RunResult>>;
  /** `start` and `result` in one call: a run of pure steps then needs one write. */
  execute(request: SentRequest, timeoutMs: number): Promise<Outcome<RunResult>>;
  /** Named so because `trace` is a reserved handler name on the platform. No page: all steps. */
  inspect(page?: TracePage): Promise<Outcome<RunTrace>>;
  /** What a page shows: bounded, however many steps there are. `from`: number of the first step. */
  overview(from: number | undefined): Promise<Outcome<RunOverview>>;
  /** Id of the workspace that it belongs to. */
  home(): Promise<Outcome<string>>;
  /** Undoes what finished steps declare to be undone, then ends. */
  cancel(reason: string): Promise<Outcome<void>>;
  /**
   * An answer for a step, also before it asks. Repeating it changes nothing; another one is refused
   * with the recorded one: `signal.already-answered` (409), `signal.expired` (410),
   * `signal.invalid` (422), `run.ended` and `signal.not-waiting` (409), `signal.unknown-step` (404),
   * `review.*` (403) for who may not decide. Without a name: the signal that the step waits for.
   */
  signal(
    step: string,
    name: string | undefined,
    payload: unknown,
    by?: Answerer,
  ): Promise<Outcome<SignalReceipt>>;
  /** The reviews that it waits for now and that this person may decide. */
  reviewsFor(by: Answerer): Promise<Outcome<Review[]>>;
  /** What a new run needs to go on from before a step of this one. */
  copyBefore(step: string): Promise<Outcome<RunCopy>>;
  /** Starts with steps that another run has finished. */
  startFrom(request: SentRequest, events: readonly RunEvent[]): Promise<Outcome<{ id: string }>>;
}

/** The same over RPC, of any run that the object holds; its `fetch` serves event streams (SSE). */
export type RunShardApi = {
  readonly [Name in keyof RunApi]: (
    id: string,
    ...what: Parameters<RunApi[Name]>
  ) => ReturnType<RunApi[Name]>;
};

export interface SignalReceipt {
  /** `duplicate`: the same answer was there before. */
  readonly status: "accepted" | "duplicate";
}

export interface RunCopy {
  readonly request: RunRequest;
  readonly events: readonly RunEvent[];
}

/** The run, and the step in it, that started a run. */
export interface RunParent {
  readonly runId: string;
  /** Path of the step that hears how it ended; empty: of none. */
  readonly step: string;
  /** Workflows that led here, the first one first. */
  readonly callers: readonly string[];
  /** It outlives that step, which hears nothing. */
  readonly detached?: true;
}

/** A signed POST at the end of a run. */
export interface Callback {
  readonly url: string;
  /** Name of the secret that it is signed with. */
  readonly secret: string;
  /** Those that the secret is bound to, and so all that it may go to. */
  readonly hosts: readonly string[];
}

/** The chat that a bot's run answers in. */
export interface RunConversation {
  /** `conv_...` */
  readonly id: string;
  readonly platform: string;
  readonly thread: string;
  /** Who wrote the message that the run answers. */
  readonly user: string;
  /** What that message brought for its answer. */
  readonly replyTo?: string;
  /** Names of the secrets that go out with what the bot says, by the platform's roles. */
  readonly secrets: Readonly<Record<string, string>>;
  /** All that they go to. */
  readonly hosts: readonly string[];
}

export interface RunRequest extends Starter {
  readonly id: string;
  readonly workspaceId: string;
  readonly name: string;
  readonly version: number;
  /** Pinned: the run finishes on exactly this. */
  readonly document: LiveWorkflow;
  readonly trigger: "manual" | "endpoint" | "webhook" | "schedule" | "bot" | "workflow" | "test";
  readonly input: unknown;
  /** `test`: outside calls are recorded and stubbed. */
  readonly mode: "live" | "test";
  readonly stubs?: readonly { match: string; status: number; body?: unknown }[];
  /** A second start with this id must carry the same one; absent: it just joins. */
  readonly fingerprint?: string;
  readonly parent?: RunParent;
  /** Milliseconds that it may last, waiting included; absent: `runLimits.durationMs`. */
  readonly lastsMs?: number;
  /** The run and step that it goes on from. */
  readonly forkedFrom?: { readonly runId: string; readonly step: string };
  /** Of the handles of secrets that its steps get; made at its start, the same in all that it starts. */
  readonly handleTag?: string;
  /** Who is told when it has ended. */
  readonly callback?: Callback;
  /** Hears what its steps ask of people, and how it ended; so do the bots that it delegates to. */
  readonly conversation?: RunConversation;
  /** For links to pages, where the platform itself does not know its address. */
  readonly baseUrl?: string;
}

export interface RunResult {
  readonly id: string;
  readonly status: RunRow["status"];
  readonly output?: unknown;
  readonly error?: { code: string; message: string; fix?: string; step?: string };
  /** Of a run that waits: what for. */
  readonly waits?: OpenWait[];
}

/** What a step waits for, as who is to answer sees it. */
export interface OpenWait extends WaitRequest {
  /** Path. */
  readonly step: string;
}

/** A review that waits, as its reviewer sees it. */
export interface Review extends Pick<
  OpenWait,
  "step" | "title" | "message" | "material" | "form" | "reviewers" | "answered" | "until" | "link"
> {
  readonly runId: string;
  readonly workflow: string;
  readonly startedBy?: string;
}

export interface RunTrace extends RunResult {
  readonly workspaceId: string;
  readonly workflow: string;
  readonly version: number;
  readonly trigger: RunRequest["trigger"];
  readonly mode: "live" | "test";
  readonly input: unknown;
  /** `@account`, or the member's name. */
  readonly startedBy?: string;
  /** The step that started it and did not wait for it; no step: it tells of that run's end. */
  readonly detachedFrom?: { readonly runId: string; readonly step?: string };
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly steps: StepTrace[];
  /** Of the whole run; only where `steps` is a page of them. */
  readonly stepCount?: number;
  /** `after` of the next page; absent: this is the last one, so far. */
  readonly nextAfter?: number;
  /** Mermaid, with the taken path marked. */
  readonly diagram: string;
}

export interface StepTrace {
  /** Its path: `send`, or `each_item[3]/send` inside a scope. */
  readonly id: string;
  /** Id of its node. */
  readonly node: string;
  readonly type: string;
  readonly status: "running" | "waiting" | "succeeded" | "failed" | "cancelled" | "uncertain";
  /** Rendered config; secret values redacted. */
  readonly input: unknown;
  readonly output?: unknown;
  readonly port?: string;
  readonly error?: { code: string; message: string; fix?: string };
  readonly attempts: number;
  /** Attempts before the last one, and how they ended. */
  readonly failures?: FailureTrace[];
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly durationMs?: number;
  readonly logs: string[];
  /** Outside calls: method and URL without secrets, status; in tests what would have been sent. */
  readonly effects: {
    kind: "http" | "tool" | "function" | "model" | "run";
    target: string;
    status?: number;
    body?: unknown;
  }[];
  /** Calls of language models, those of sub-steps included. */
  readonly models?: ModelUsage[];
  /** What it waits for; only while it does. */
  readonly wait?: WaitRequest;
  /** Recorded steps within it. */
  readonly substeps?: SubstepTrace[];
  /** Runs that it started; `detached` ones do not end with it. */
  readonly children?: { id: string; workflow: string; detached?: boolean }[];
}

export interface FailureTrace {
  readonly startedAt: number;
  readonly endedAt: number;
  /** Absent: the process died meanwhile. */
  readonly error?: { code: string; message: string; fix?: string };
}

export interface SubstepTrace {
  readonly name: string;
  readonly status: "running" | "waiting" | "succeeded" | "failed" | "uncertain";
  readonly input?: unknown;
  readonly output?: unknown;
  readonly error?: { code: string; message: string; fix?: string };
  readonly attempts: number;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly models?: ModelUsage[];
}

/** How many are in which state. */
export type Tally<Status extends string = StepTrace["status"]> = { [One in Status]?: number };

/** A run as a page shows it: of many steps some, of long values the beginning. */
export interface RunOverview extends Omit<RunTrace, "steps" | "diagram"> {
  /** Number of the last event in it: the stream goes on from there. */
  readonly seq: number;
  /** Of all steps. */
  readonly tally: Tally;
  readonly stepCount: number;
  /** The chosen ones; the steps inside a scope follow its own. */
  readonly steps: OverviewStep[];
  readonly usage: RunUsage;
  readonly graph: RunGraph;
}

export interface OverviewStep extends StepTrace {
  /** 1 for the first of all steps. */
  readonly number: number;
  /** Of its model calls; absent: there were none. */
  readonly usage?: RunUsage;
  /** How many of a list are not in it. */
  readonly leftOut: { [List in "logs" | "effects" | "substeps" | "models" | "failures"]?: number };
}

/** All calls of language models of a run. */
export interface RunUsage {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Absent: no call has a known price. */
  readonly costUsd?: number;
  /** Some of the calls did not say what they took: see `ModelUsage`. */
  readonly estimated?: true;
}

/** The workflow and which ways were taken in it. */
export interface RunGraph {
  readonly nodes: {
    readonly id: string;
    readonly type: string;
    readonly title?: string;
    /** Inside which body. */
    readonly body?: string;
    /** Of its steps, one a pass. */
    readonly tally: Tally;
    /** Ports that it was left by and that lead nowhere, other than `next`. */
    readonly ends: readonly string[];
    /** Path of the step to look at: one that waits, runs or failed, else the first. */
    readonly step?: string;
  }[];
  readonly edges: {
    readonly from: string;
    readonly port: string;
    readonly to: string;
    /** How often. */
    readonly taken: number;
    /** Nobody has drawn it: the config of a node says it. */
    readonly isImplied: boolean;
  }[];
  readonly bodies: {
    readonly id: string;
    /** Node and port that lead into it. */
    readonly owner: string;
    readonly port: string;
    readonly outer?: string;
    readonly passes: Tally<"open" | "succeeded" | "failed" | "cancelled">;
  }[];
}
