import { Validator } from "@cfworker/json-schema";
import { InputError, UpstreamError } from "#blueprints/error";
import type { ModelAnswer, ModelCall, ModelPort, ModelSpending } from "#blueprints/model";
import { costOf } from "#edge/models/prices";
import { modelIdOf } from "#edge/models/resolve";
import type { StepModelUsage } from "./history.ts";
import type { StepInvocation, StepRecord } from "./step-invocation.ts";

/**
 * Models as a handler sees them: every call is recorded with its usage and cost. `before`: the calls of
 * failed attempts.
 */
export function createModelPort(
  invocation: StepInvocation,
  record: StepRecord,
  before: readonly StepModelUsage[],
): ModelPort {
  const spent = () => spendingOf(invocation, record);
  const call = async (
    wanted: ModelCall,
    onText?: (delta: string) => void,
  ): Promise<ModelAnswer> => {
    checkBudget(wanted, spent());
    const { outside } = invocation;
    const answer = await withinTime(wanted, invocation.cancel.native, (signal) =>
      outside.callModel(wanted, {
        signal,
        ...(onText ? { onText } : {}),
        onUsage: (usage) => void record.models.push(usage),
      }),
    );
    if (invocation.program.run.mode === "test") {
      record.effects.push({ kind: "model", target: answer.usage.model, body: wanted });
    }
    checkObject(wanted, answer);
    return answer;
  };
  return {
    generate: (wanted) => call(wanted),
    stream: (wanted, onText) => call(wanted, onText),
    costOf: ({ model, ...tokens }) => costOf({ model: modelIdOf({}, model), ...tokens }),
    spent,
    failed: () => sumOf(before),
  };
}

async function withinTime(
  { timeoutMs, model = "" }: ModelCall,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<ModelAnswer>,
): Promise<ModelAnswer> {
  if (timeoutMs === undefined) return work(signal);
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    return await work(AbortSignal.any([signal, timeout]));
  } catch (cause) {
    if (!timeout.aborted || signal.aborted) throw cause;
    throw new UpstreamError("model.timeout", `"${model}" took longer than ${timeoutMs} ms.`, {
      fix: "Allow more time, or take a faster model.",
      cause,
    });
  }
}

/** Providers promise a schema at best; here it is held. */
function checkObject({ output }: ModelCall, { object, text, toolCalls, usage }: ModelAnswer): void {
  if (output === undefined || toolCalls.length > 0) return;
  const result = new Validator(output, "2020-12", false).validate(object ?? null);
  if (result.valid) return;
  const last = result.errors.at(-1);
  const problem = `At ${last?.instanceLocation ?? "#"}: ${last?.error ?? "invalid"}`;
  throw new UpstreamError(
    "model.output-invalid",
    `"${usage.model}" gave an answer that does not fit the schema. ${problem}: ${text.slice(0, 300)}`,
    {
      fix: "Describe the fields better, or take a model that keeps to a schema.",
      details: { text, problem },
    },
  );
}

function spendingOf({ step }: StepInvocation, record: StepRecord): ModelSpending {
  const substeps = [...step.substeps.values()].flatMap(({ models }) => models);
  const isOwn = new Set(substeps);
  const all = [...step.models, ...substeps, ...record.models.filter((one) => !isOwn.has(one))];
  return sumOf(all);
}

function sumOf(all: readonly StepModelUsage[]): ModelSpending {
  return {
    calls: all.length,
    tokens: all.reduce((sum, one) => sum + one.inputTokens + one.outputTokens, 0),
    costUsd: all.reduce((sum, one) => sum + (one.costUsd ?? 0), 0),
  };
}

function checkBudget({ budget }: ModelCall, { tokens, costUsd }: ModelSpending): void {
  const overTokens = budget?.tokens !== undefined && tokens >= budget.tokens;
  const overCost = budget?.costUsd !== undefined && costUsd >= budget.costUsd;
  if (!overTokens && !overCost) return;
  throw new InputError(
    "model.budget-exhausted",
    `The step has spent ${tokens} tokens and ${costUsd} US dollars, which is its budget.`,
    { fix: "Raise the budget, or let the step do less.", status: 409 },
  );
}
