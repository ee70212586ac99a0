import { InputError } from "#blueprints/error";
import type { ModelAnswer, ModelCall, ModelPort, ModelSpending } from "#blueprints/model";
import type { StepInvocation, StepRecord } from "./step-invocation.ts";

/** Models as a handler sees them: every call is recorded with its usage and cost. */
export function createModelPort(invocation: StepInvocation, record: StepRecord): ModelPort {
  const spent = () => spendingOf(invocation, record);
  const call = async (
    wanted: ModelCall,
    onText?: (delta: string) => void,
  ): Promise<ModelAnswer> => {
    checkBudget(wanted, spent());
    const { outside, signal } = invocation;
    const answer = await outside.callModel(wanted, {
      signal,
      ...(onText ? { onText } : {}),
      onUsage: (usage) => void record.models.push(usage),
    });
    if (invocation.program.run.mode === "test") {
      record.effects.push({ kind: "model", target: answer.usage.model, body: wanted });
    }
    return answer;
  };
  return {
    generate: (wanted) => call(wanted),
    stream: (wanted, onText) => call(wanted, onText),
    spent,
  };
}

function spendingOf({ step }: StepInvocation, record: StepRecord): ModelSpending {
  const substeps = [...step.substeps.values()].flatMap(({ models }) => models);
  const isOwn = new Set(substeps);
  const all = [...step.models, ...substeps, ...record.models.filter((one) => !isOwn.has(one))];
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
