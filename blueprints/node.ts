import type { z } from "zod";
import type { NodeContext } from "./node-context.ts";
import type { NodeScope } from "./node-scope.ts";
import type { SerializedError } from "./outcome.ts";

/**
 * What a step does to the world, for recovery after a crash between "started" and "recorded":
 * `pure` and `read` steps run again; `idempotent` ones run again with the same idempotency key;
 * an `external` one is uncertain and follows the node's `on_uncertain`.
 */
export type Effect = "pure" | "read" | "idempotent" | "external";

/** The one type that is known by name: where a run begins. A workflow has exactly one such node. */
export const entryType = "trigger";

/** What a config refers to, so that a check finds it missing before a deploy. */
export interface Requirements {
  readonly secrets?: readonly string[];
  /** Host names that outgoing requests go to, lower case, optionally with a port. */
  readonly hosts?: readonly string[];
  /** Functions and skills, by name or `@user/name@version`. */
  readonly functions?: readonly string[];
  /** Workflows of the workspace that the step starts, by name. */
  readonly workflows?: readonly string[];
  /** Bots of the workspace that the step delegates to: workflows with a trigger of that source. */
  readonly bots?: readonly string[];
  /** Workspace tools by final name, `<alias>__<tool>`. */
  readonly tools?: readonly string[];
  /** It says something in the conversation of the run, which only a bot's run has. */
  readonly conversation?: boolean;
  /** Expressions in the config that are evaluated rather than rendered; path within the config. */
  readonly expressions?: readonly ConfigExpression[];
}

export interface ConfigExpression {
  readonly path: string;
  readonly source: string;
  /** What it may read beside what every expression may. */
  readonly names?: readonly string[];
  /** Evaluated inside a frame of the node's bodies: it sees their steps and names. */
  readonly inside?: boolean;
}

/** Effects that are declared elsewhere: what a step does may depend on the function that it calls. */
export interface KnownEffects {
  /** Undefined: no such function is pinned with the workflow. */
  functionEffect(reference: string): Effect | undefined;
}

export interface NodeResult<Output> {
  readonly output: Output;
  /** The port that the run leaves by; default `next`. */
  readonly port?: string;
  /** The run goes on by the port, and fails with this once everything behind it is done. */
  readonly raise?: SerializedError;
}

/** The step stays open while frames of its scope run; `open` is JSON that `scope.next` sees. */
export interface NodeOpening {
  readonly open: unknown;
}

/**
 * The step pauses; nothing is held in memory. Its handler runs again, with `context.arrival` set,
 * when a signal comes (it may have come before) or the time is there, whichever is first. The first
 * signal of a name counts, so a step that waits again waits for another name.
 */
export interface NodeWait {
  readonly wait: WaitRequest;
}

export interface WaitRequest {
  /** Name of the signal that `control_run` or a page sends to this step. */
  readonly signal?: string;
  /** Any of these ends the wait. */
  readonly signals?: readonly string[];
  /** Milliseconds since 1970; a signal that comes later is told that it is too late (410). */
  readonly until?: number;
  /** What a person is asked, beside the form. */
  readonly title?: string;
  readonly message?: string;
  /** What the answer is about: JSON that the person sees. */
  readonly material?: unknown;
  /** JSON Schema of the signal's payload; another one is refused (422). */
  readonly form?: Readonly<Record<string, unknown>>;
  /**
   * The answer is a decision of one of these: names of members, `role:<role>`, `@account`; empty: who
   * may start workflows. Who started the run is never one of them. Absent: any caller may answer.
   */
  readonly reviewers?: readonly string[];
  /** Those of them who have answered already. */
  readonly answered?: readonly string[];
  /** Whoever holds the run's id may answer: the answer itself proves who it is. */
  readonly isOpen?: boolean;
  /** Where a person answers. */
  readonly link?: string;
  /** In a chat: how what the person writes becomes the payload. Absent: words are no answer. */
  readonly inWords?: WordsAnswer;
  /** The run whose end is waited for; cancelled with this step. */
  readonly child?: string;
}

/** Plain words as an answer to an open wait. */
export interface WordsAnswer {
  /** The field of the payload that the text goes into; absent: no other words answer. */
  readonly field?: string;
  /** Words, lower case, that are the payload named here. */
  readonly words?: Readonly<Record<string, unknown>>;
  /** What is said to words that are no answer; absent: the question again. */
  readonly otherwise?: string;
}

/** A node type: one file in `edge/nodes/`, one value made by `defineNode`. */
export interface NodeDefinition<Config = unknown, Output = unknown> {
  readonly type: string;
  readonly title: string;
  /** One sentence for a list. */
  readonly summary: string;
  /** Prose for agents: when to use it, what each field does, what comes out. */
  readonly description: string;
  /** Validated twice: with templates still in it when checked, rendered before `run`. */
  readonly config: z.ZodType<Config>;
  /** What `steps.<id>.output` looks like; unknown paths are found against it. */
  readonly output: z.ZodType<Output>;
  /** JSON Schema of the output, where the config (as written) tells more than `output`. */
  outputOf?(config: Config): Readonly<Record<string, unknown>> | undefined;
  /** Top-level config fields that are taken as written: code and expressions. */
  readonly verbatim?: readonly string[];
  ports(config: Config): readonly string[];
  effect(config: Config, known?: KnownEffects): Effect;
  requires?(config: Config): Requirements;
  /** Milliseconds of one attempt, where the node gives no `timeout_ms`; absent: a minute. */
  timeoutMs?(config: Config): number;
  /** Its signals are people's answers: they are taken only while it waits for them. */
  readonly asksPeople?: true;
  /** The step has bodies of its own. */
  readonly scope?: NodeScope<Config>;
  /** Each runs in the conformance test, with `input` as the run's input. */
  readonly examples: readonly NodeExample<Config>[];
  run(context: NodeContext, config: Config): Promise<NodeResult<Output> | NodeWait | NodeOpening>;
}

export interface NodeExample<Config> {
  readonly title: string;
  readonly config: Config;
  readonly input?: unknown;
  /** What models, tools and servers answer, as in the tests of a blueprint. */
  readonly stubs?: readonly {
    readonly match: string;
    readonly status?: number;
    readonly body?: unknown;
  }[];
  /** Steps around it, whose own id is `step`; without edges it is the only one. */
  readonly around?: {
    readonly nodes: readonly {
      readonly id: string;
      readonly type: string;
      readonly config?: object;
    }[];
    readonly edges: readonly {
      readonly from: string;
      readonly port?: string;
      readonly to: string;
    }[];
  };
  readonly expect: { readonly port: string; readonly output?: unknown };
}

/** Identity; infers the types of config and output. */
export function defineNode<Config, Output>(
  definition: NodeDefinition<Config, Output>,
): NodeDefinition<Config, Output> {
  return definition;
}
