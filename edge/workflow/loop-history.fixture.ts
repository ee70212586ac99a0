import type { RunEvent } from "./history.ts";

/** An attempt that reported nothing. */
export const report = { logs: [], effects: [] };
const call = { model: "m", inputTokens: 10, outputTokens: 2, costUsd: 0.001, durationMs: 5 };

/** A step from its start to its success. */
function finished(step: string, at: number, more: object = {}): RunEvent[] {
  return [
    { type: "step-started", at, step, attempt: 1, effect: "pure", input: {} },
    {
      type: "step-succeeded",
      at,
      step,
      port: "next",
      output: {},
      variables: {},
      ...report,
      ...more,
    },
  ];
}

const config = { items: [], as: "item", max_iterations: 1000, concurrency: 1, on_error: "fail" };

/** `count` passes through `one` and `two` of the loop `each`, which is still open. */
export function loopHistory(
  count: number,
  middle: (index: number) => RunEvent[] = () => [],
): RunEvent[] {
  return [
    { type: "run-started", at: 0 },
    ...finished("start", 0),
    { type: "step-started", at: 0, step: "each", attempt: 1, effect: "pure", input: config },
    { type: "step-opened", at: 0, step: "each", opened: null, variables: {}, ...report },
    ...Array.from({ length: count }, (_, index): RunEvent[] => [
      { type: "frame-started", at: index, step: "each", key: String(index), port: "each" },
      ...finished(`each[${index}]/one`, index),
      ...middle(index),
      ...finished(`each[${index}]/two`, index, { models: [call] }),
      { type: "frame-ended", at: index, frame: `each[${index}]`, status: "succeeded" },
    ]).flat(),
  ];
}
