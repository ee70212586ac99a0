import { Validator } from "@cfworker/json-schema";
import { InputError } from "#blueprints/error";
import { type Answerer, assertMayDecide, assertOpen } from "./answerer.ts";
import type { Program } from "./expression-scope.ts";
import { childSignal, uncertainSignal } from "./history.ts";
import type { SignalReceipt } from "./run-api.ts";
import { cut } from "./shorten.ts";
import { hasEnded, type RunState, signalsOf, splitPath } from "./run-state.ts";

export interface Signal {
  /** Path. */
  readonly step: string;
  readonly name: string;
  readonly payload: unknown;
  readonly by?: Answerer | undefined;
}

/** A signal as it is sent; without a name it is the one that the step waits for. */
export type Answer = Omit<Signal, "name"> & { readonly name?: string | undefined };

/** The signal that the step at this path waits for. @throws InputError `signal.not-waiting` (409) */
export function awaitedSignal(
  state: RunState,
  { step: path, by }: Pick<Signal, "step" | "by">,
): string {
  const wait = state.steps.get(path)?.wait;
  assertOpen(wait, by);
  const [name] = signalsOf(wait);
  // How a child run ended is nobody's answer.
  if (name !== undefined && wait?.child === undefined) return name;
  if (hasEnded(state)) throw ended(state);
  throw notWaiting(path);
}

/**
 * Whether a signal is to be recorded. The first one of a name counts, also when it comes before the
 * step asks; the same answer again is a duplicate.
 * @throws InputError as `RunApi.signal` says
 */
export function admitSignal(
  state: RunState,
  { graph, run }: Program,
  signal: Signal,
): SignalReceipt["status"] {
  const { step: path, name, payload, by } = signal;
  const { node } = splitPath(path);
  if (!graph.nodes.has(node)) {
    throw new InputError("signal.unknown-step", `The workflow has no step "${node}".`, {
      status: 404,
      fix: `Use one of ${[...graph.nodes.keys()].join(", ")}.`,
    });
  }
  const step = state.steps.get(path);
  const known = step?.signals ?? state.early.get(path);
  if (known?.has(name)) return repeated(known.get(name), signal);
  if (step?.expired.has(name)) throw expired(signal);
  if (hasEnded(state) || state.cancelling !== undefined) throw ended(state);
  if (name === uncertainSignal && step?.status !== "uncertain") throw notUncertain(path);
  // Only a run says how it ended, and runs send without a name of their own.
  if (name === childSignal && by !== undefined) throw notWaiting(path);
  if (step?.endedAt !== undefined) throw over(path);
  if (signalsOf(step?.wait).includes(name)) {
    assertMayDecide(step?.wait ?? {}, run, by);
    if (step?.wait?.form) checkForm(step.wait.form, signal);
  } else if (graph.definitions.get(node)?.asksPeople && name !== uncertainSignal) {
    throw notWaiting(path);
  }
  if (name !== uncertainSignal || isDecision(payload)) return "accepted";
  throw new InputError("signal.invalid", `"${path}" cannot be decided by this payload.`, {
    status: 422,
    fix: 'Send {"decision": "retry"}, {"decision": "done", "output": ...} or {"decision": "fail"}.',
  });
}

function isDecision(payload: unknown): boolean {
  const { decision } = { ...(payload as { decision?: unknown } | null) };
  return ["retry", "done", "fail"].includes(String(decision));
}

function repeated(recorded: unknown, { step, name, payload }: Signal): "duplicate" {
  if (JSON.stringify(recorded ?? null) === JSON.stringify(payload ?? null)) return "duplicate";
  throw new InputError(
    "signal.already-answered",
    `Step "${step}" has its answer to "${name}" already.`,
    {
      status: 409,
      fix: "Take the recorded answer as the decision.",
      details: { recorded: recorded ?? null },
    },
  );
}

function expired({ step, name }: Signal): InputError {
  return new InputError("signal.expired", `Step "${step}" no longer waits for "${name}".`, {
    status: 410,
    fix: "Look at the run: it went on without an answer.",
  });
}

function ended({ status, cancelling }: RunState): InputError {
  const how = cancelling === undefined ? status : "cancelled";
  return new InputError("run.ended", `The run is ${how}; it takes no more answers.`, {
    status: 409,
    fix: "Start the run again if the answer still matters.",
  });
}

function over(step: string): InputError {
  return new InputError("signal.too-late", `Step "${step}" is over.`, {
    status: 409,
    fix: "Look at the run: its trace and its page say what it did.",
  });
}

function notWaiting(step: string): InputError {
  return new InputError("signal.not-waiting", `Step "${step}" does not wait for an answer now.`, {
    status: 409,
    fix: "Look at the run: its trace and its page say what its steps wait for.",
  });
}

function notUncertain(step: string): InputError {
  return new InputError("signal.not-uncertain", `Step "${step}" is not uncertain.`, {
    status: 409,
    fix: "Decide only about steps that get_run shows as uncertain.",
  });
}

function checkForm(form: Readonly<Record<string, unknown>>, { step, payload }: Signal): void {
  const result = new Validator(form, "2020-12", false).validate(payload ?? null);
  if (result.valid) return;
  const problem = result.errors.at(-1);
  throw new InputError(
    "signal.invalid",
    `The answer to step "${step}" does not fit its form at ${problem?.instanceLocation ?? "#"}: ${problem?.error ?? "invalid"}`,
    {
      status: 422,
      fix: `Send all that its form asks for: ${cut(JSON.stringify(form), 2_000, "after redaction")}`,
    },
  );
}
