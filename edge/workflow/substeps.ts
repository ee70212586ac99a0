import type { WorkflowNode } from "#blueprints/blueprint";
import { BugError, InputError, UpstreamError } from "#blueprints/error";
import type { NodeContext, SubstepOptions } from "#blueprints/node-context";
import { deserializeError } from "#blueprints/outcome";
import { classify } from "./classify.ts";
import type { RunEvent, StepError } from "./history.ts";
import { runLimits } from "./limits.ts";
import { toJson } from "./json-value.ts";
import { retryDelay } from "./retry.ts";
import type { StepState, SubstepState } from "./run-state.ts";
import { type StepRecord, toReport } from "./step-invocation.ts";

export interface SubstepPlace {
  readonly step: StepState;
  readonly node: WorkflowNode;
  /** Of the whole run, this one not counted. */
  starts(): number;
  readonly now: () => number;
  readonly random: () => number;
  /** `durable`: on disk before anything else leaves this object. */
  readonly record: (event: RunEvent, durable: boolean) => void;
  /** The step's own record; variables set in a sub-step count for it. */
  readonly stepRecord: StepRecord;
  createContext(name: string): { context: NodeContext; record: StepRecord };
}

/** Why a handler was given up before it ended: a sub-step is tried again then. */
export interface Suspension {
  readonly error: StepError;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** A handler that is given up never hears of it; it is collected with what it holds. */
const never = new Promise<never>(() => undefined);

/** The recorded steps within one attempt of a step. */
export class Substeps {
  readonly #place: SubstepPlace;
  readonly #asked = new Set<string>();
  /** What those that are under way have done so far. */
  readonly #underWay = new Set<StepRecord>();
  #closed = false;
  #suspension: Suspension | undefined;
  #suspend: (suspension: Suspension) => void = () => undefined;
  /** Resolves when the handler is given up and nothing of it is under way. */
  readonly suspended: Promise<Suspension>;

  constructor(place: SubstepPlace) {
    this.#place = place;
    this.suspended = new Promise((resolve) => (this.#suspend = resolve));
  }

  /** The attempt is over; what still comes is discarded, and what models have cost is the step's. */
  close(): void {
    this.#closed = true;
    for (const { models } of this.#underWay) this.#place.stepRecord.models.push(...models);
  }

  async run<T>(
    name: string,
    options: SubstepOptions,
    work: (context: NodeContext) => Promise<T>,
  ): Promise<T> {
    if (this.#asked.has(name)) {
      throw new BugError("step.name-twice", `The sub-step "${name}" stands twice in one step.`);
    }
    this.#asked.add(name);
    const known = this.#place.step.substeps.get(name);
    if (known?.status === "succeeded") return this.#replay(known) as T;
    if (known?.status === "failed" && known.error) throw deserializeError(known.error);
    if (known?.status === "uncertain") return this.#tellUncertain(name);
    if (this.#closed || this.#suspension) return never;
    return this.#perform(name, { known, options }, work);
  }

  #replay({ output, variables }: SubstepState): unknown {
    Object.assign(this.#place.stepRecord.variables, variables);
    return structuredClone(output);
  }

  #tellUncertain(name: string): never {
    const { step, now, record } = this.#place;
    const error = new UpstreamError(
      "step.uncertain",
      `The platform stopped while "${name}" of step "${step.path}" was acting; whether it took effect is unknown.`,
      { fix: "Look at the receiving side before it is done again." },
    );
    const { kind, code, message, fix = "", status } = error;
    const told = { kind, code, message, fix, status };
    record(
      { type: "substep-failed", at: now(), step: step.path, name, error: told, ...nothing },
      true,
    );
    throw error;
  }

  async #perform<T>(
    name: string,
    { known, options }: { known: SubstepState | undefined; options: SubstepOptions },
    work: (context: NodeContext) => Promise<T>,
  ): Promise<T> {
    const { step } = this.#place;
    const { effect, onUncertain, input } = options;
    if (this.#place.starts() >= runLimits.steps) throw tooMany();
    const attempt = (known?.attempt ?? 0) + (known?.status === "running" ? 0 : 1);
    this.#place.record(
      {
        type: "substep-started",
        at: this.#place.now(),
        step: step.path,
        name,
        attempt,
        effect,
        ...(onUncertain === "throw" ? { throws: true } : {}),
        ...(input === undefined ? {} : { input: toJson(name, input) }),
      },
      effect === "external" || effect === "idempotent",
    );
    const { context, record } = this.#place.createContext(name);
    this.#underWay.add(record);
    try {
      const output = toJson(name, await work(context));
      if (this.#closed) return await never;
      this.#succeed(name, output, { record, effect });
      return structuredClone(output) as T;
    } catch (cause) {
      if (this.#closed) return await never;
      const error = classify(cause, effect, this.#place.node);
      const until = this.#fail(name, error, { record, attempt, effect });
      if (until === undefined) throw deserializeError(error);
      this.#suspension = { error, until: Math.max(until, this.#suspension?.until ?? 0) };
    } finally {
      this.#underWay.delete(record);
      if (this.#suspension && this.#underWay.size === 0) this.#suspend(this.#suspension);
    }
    return never;
  }

  #succeed(
    name: string,
    output: unknown,
    { record, effect }: { record: StepRecord; effect: string },
  ): void {
    const { step, now } = this.#place;
    const { variables } = record;
    Object.assign(this.#place.stepRecord.variables, variables);
    this.#place.record(
      {
        type: "substep-succeeded",
        at: now(),
        step: step.path,
        name,
        output,
        ...(Object.keys(variables).length > 0 ? { variables } : {}),
        ...toReport(record),
      },
      effect !== "pure",
    );
  }

  /** When it is tried again; undefined: failed for good. */
  #fail(
    name: string,
    error: StepError,
    { record, attempt, effect }: Pick<SubstepState, "attempt" | "effect"> & { record: StepRecord },
  ): number | undefined {
    const { step, node, now, random } = this.#place;
    const at = now();
    const delay = retryDelay({ error, attempt, effect }, node.retry, random);
    const until = delay === undefined ? undefined : at + delay;
    this.#place.record(
      {
        type: "substep-failed",
        at,
        step: step.path,
        name,
        error,
        ...(until === undefined ? {} : { until }),
        ...toReport(record),
      },
      true,
    );
    return until;
  }
}

const nothing = { logs: [], effects: [] };

function tooMany(): InputError {
  return new InputError(
    "run.too-many-steps",
    `The run started more than ${runLimits.steps} steps.`,
    { status: 409, fix: "Split the work into several runs." },
  );
}
