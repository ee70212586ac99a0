import type { ModelPort } from "./model.ts";
import type { Effect } from "./node.ts";
import type { SerializedError } from "./outcome.ts";

/** The ports that a node may use. The engine implements it; handlers see nothing else. */
export interface NodeContext {
  readonly run: {
    readonly id: string;
    readonly workspaceId: string;
    readonly mode: "live" | "test";
  };
  readonly step: {
    /** Id of the node. */
    readonly id: string;
    /** Where it is in the run: `send`, or `each_item[3]/send` inside a scope. */
    readonly path: string;
    /** 1 for the first attempt. */
    readonly attempt: number;
    /** Run id + step path: the same for every attempt of this step. Send it along. */
    readonly idempotencyKey: string;
  };
  /** What expressions see: `input`, `steps`, `vars`, `run`. */
  readonly scope: Readonly<Record<string, unknown>>;
  /** Set when the handler runs again after a `wait`: what ended it. */
  readonly arrival?: Arrival;
  /** Every signal that this step has received, by name. */
  readonly signals: ReadonlyMap<string, unknown>;
  /** When they came, and from whom where that is known. */
  readonly answers: ReadonlyMap<string, { readonly by?: string; readonly at: number }>;
  /** Only in a test run: what stands in for the people who would be asked. */
  readonly standIn?: StandIn;
  /** Set for a node that catches errors: what it caught. */
  readonly failure?: CaughtFailure;
  /** Milliseconds since 1970; the engine's clock. */
  now(): number;
  /** Aborts when the run is cancelled or the step's time is over. */
  readonly signal: AbortSignal;
  /** Evaluates one expression over `scope`. */
  evaluate(source: string): unknown;
  /** Replaces every `{{ expression }}` in strings, arrays and objects; a string that is nothing but one template keeps the value's type. */
  render(value: unknown): unknown;
  /**
   * Through the egress: only allowed hosts, secret handles swapped in, size and time limited. In a
   * test run nothing leaves: the request is recorded and a stub answers.
   */
  fetch(url: string, init?: RequestInit): Promise<Response>;
  /** A handle that the egress swaps for the value; the value is never seen here. */
  secret(name: string): string;
  /** A text without the values of the workspace's secrets. */
  redact(text: string): Promise<string>;
  /** A workspace tool by final name, as the gateway would call it; throws when the tool fails. */
  callTool(name: string, input: unknown): Promise<{ content: unknown; structured?: unknown }>;
  /** A function or skill by name or `@user/name@version`, in an isolate. */
  callFunction(reference: string, input: unknown): Promise<{ output: unknown; logs: string[] }>;
  /**
   * What a tool of the workspace, or a function of the run, takes and does.
   * @throws ConfigurationError `tool.unknown`, `function.unknown`
   */
  describe(
    what: { readonly tool: string } | { readonly function: string },
  ): Promise<CallableDescription>;
  /** TypeScript of the workflow itself, in an isolate. */
  runCode(source: string, input: unknown): Promise<{ output: unknown; logs: string[] }>;
  /** Language models. Wrap each call in `substep`, so that no restart pays for it again. */
  readonly model: ModelPort;
  /**
   * Starts a workflow of the workspace, once however often it is asked; it ends or is cancelled with
   * this step. Wait for the signal `child` with `{ child: id }`: its payload is a `ChildResult`. A
   * `detached` one outlives the step, which hears nothing; a `bot` must be one.
   * @throws InputError `run.too-deep`, `run.calls-itself`; ConfigurationError `workflow.not-live`,
   * `workflow.not-a-bot`
   */
  startRun(
    workflow: string,
    input: unknown,
    options?: { readonly bot?: true; readonly detached?: true },
  ): Promise<{ id: string }>;
  /**
   * Starts a run of its own with one step, once however often it is asked: this node with another
   * config (fields at the top, no templates), its retries and `on_uncertain` included. It goes on when
   * this run is over, for at most `lastsMs` milliseconds; who controls runs sees and cancels it.
   */
  detach(config: Readonly<Record<string, unknown>>, lastsMs: number): Promise<{ id: string }>;
  /**
   * Sends the signal `recall`, or `recall_after` where the step has waited for that in vain, to the step
   * of a run that was started by `detach` in this workspace, and tells how it ended, or stands after
   * half a minute. @throws InputError `run.not-found`
   */
  recall(id: string): Promise<DetachedResult>;
  /**
   * A recorded step within this one: `work` runs once, and when the handler runs again, after a
   * restart, a wait or a retry, the recorded result (JSON) is handed out instead. `name` is unique
   * within the step and the same every time. An error that may be retried pauses the whole step; a
   * final one is recorded and thrown, every time. Inside `work` use the context that it is given:
   * its idempotency key is the sub-step's.
   */
  substep<T>(
    name: string,
    options: SubstepOptions,
    work: (context: NodeContext) => Promise<T>,
  ): Promise<T>;
  /**
   * A link to the page where a person answers this step, valid until then (milliseconds since 1970).
   * Every call makes another one: keep it in a `substep`.
   */
  createLink(purpose: LinkPurpose, until: number, proof?: string): Promise<string>;
  /**
   * Hex digest of a short text, keyed with the platform's master key and bound to this step: what is
   * stored of a code, and what another one is compared by.
   */
  digest(text: string): Promise<string>;
  /**
   * Counts what somebody does at an address, over all runs of the workspace: ten challenges an hour,
   * twenty wrong answers a day. False: it is refused; after too many wrong answers challenges are, too.
   */
  admitAttempt(what: AuthAttempt, address: string): Promise<boolean>;
  /** The chat that the run answers in; absent: it has none. */
  readonly conversation?: ConversationPort;
  /** Sets `vars.<name>` for the steps that follow; committed with this step. */
  setVariable(name: string, value: unknown): void;
  /** To subscribers of the run's stream, as it happens; not stored. */
  emit(event: { readonly type: string; readonly data: unknown }): void;
  log(message: string): void;
}

export interface ConversationPort {
  readonly platform: string;
  /** Where what the bot says goes, in the platform's own terms. */
  readonly thread: string;
  readonly replyTo?: string;
  /** A handle of the secret that the bot has in this role of the platform. */
  secret(role: string): string;
  /**
   * Who wrote has proved who they are: until then (milliseconds since 1970) runs that answer them get
   * it as `input.conversation.identity`. Repeating it changes nothing.
   */
  remember(identity: unknown, until: number): Promise<void>;
}

export type AuthAttempt = "challenge" | "wrong-answer";

export interface CallableDescription {
  readonly description: string;
  /** JSON Schema of an object. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly effect: Effect;
}

/**
 * `review`: who answers has to sign in on the page. `verify`: with `proof` the link itself proves an
 * address, which its page sends as `token`.
 */
export type LinkPurpose = "review" | "verify";

/** Of a test run, from the stub that names the step. */
export interface StandIn {
  /** Absent: there is no stub; the usual answer. */
  readonly answer?: unknown;
  /** The stub's status is 408: nobody answers. */
  readonly isLate: boolean;
}

/** What ended a wait. */
export type Arrival =
  | { readonly kind: "signal"; readonly name: string; readonly payload: unknown }
  | { readonly kind: "timeout" };

export interface SubstepOptions {
  /** What `work` does to the world, for a crash in its middle. */
  readonly effect: Effect;
  /**
   * For an `external` one that a crash left open: `node` follows the node's `on_uncertain`; `throw`
   * runs the handler again, and `substep` throws UpstreamError `step.uncertain`. Default `node`.
   */
  readonly onUncertain?: "node" | "throw";
  /** Shown in the trace. */
  readonly input?: unknown;
}

export interface CaughtFailure {
  /** Id of the node that failed. */
  readonly step: string;
  readonly error: SerializedError;
}

/** How the run of a detached step stands. */
export interface DetachedResult {
  readonly status: "running" | "waiting" | "succeeded" | "failed" | "cancelled";
  /** Only of one that succeeded: what its step gave. */
  readonly output?: unknown;
}

/** Payload of the signal `child`. */
export interface ChildResult {
  readonly id: string;
  readonly status: "succeeded" | "failed" | "cancelled";
  readonly output?: unknown;
  readonly error?: { readonly code: string; readonly message: string; readonly fix?: string };
}
