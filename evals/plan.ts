import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { InputError } from "#blueprints/error";
import type { ModelEnv } from "#edge/models/provider";
import { resolveModel } from "#edge/models/resolve";
import { nodes } from "#edge/nodes/index";
import { plan } from "#planner/plan";
import { predict, type Prediction } from "./plan-predict.ts";
import { type Labels, score, type Scores } from "./plan-score.ts";

const line = z.object({
  id: z.string(),
  text: z.string(),
  labels: z.custom<Labels>((value) => typeof value === "object").optional(),
});
type Item = z.infer<typeof line>;

export interface PlanEvalResult {
  readonly predictions: readonly Prediction[];
  /** Absent when the intents carry no labels. */
  readonly scores?: Scores;
  readonly millisecondsP50: number;
}

/**
 * `--intents file.jsonl` (default: the labelled development set), `--out predictions.jsonl`,
 * `--model provider:model`, `--json`, `--misses`. Plans every line and prints the scores where there are labels.
 */
export async function runPlanEval(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      intents: { type: "string" },
      out: { type: "string" },
      model: { type: "string" },
      json: { type: "boolean" },
      misses: { type: "boolean" },
    },
  });
  const items = await readItems(
    values.intents ?? path.join(import.meta.dirname, "data/intents-dev.jsonl"),
  );
  const result = await planAll(items, values.model);
  if (values.out)
    await writeFile(
      values.out,
      result.predictions.map((one) => `${JSON.stringify(one)}\n`).join(""),
    );
  if (values.json) console.log(JSON.stringify({ ...result, predictions: undefined }));
  else print(result, values.misses === true);
  return 0;
}

async function readItems(from: string): Promise<Item[]> {
  const text = await readFile(from, "utf8");
  return text
    .split("\n")
    .filter((one) => one.trim() !== "")
    .map((one, index) => {
      const parsed = line.safeParse(JSON.parse(one));
      if (parsed.success) return parsed.data;
      throw new InputError("eval.bad-line", `Line ${index + 1} is not {id, text}.`, {
        fix: "Give one JSON object a line.",
      });
    });
}

/** Plans every item, one after the other, and scores what has labels. */
async function planAll(
  items: readonly Item[],
  modelId: string | undefined,
): Promise<PlanEvalResult> {
  const model = modelId ? resolveModel(process.env as ModelEnv, modelId) : undefined;
  const times: number[] = [];
  const predictions: Prediction[] = [];
  for (const { id, text } of items) {
    const start = performance.now();
    const answer = await plan(
      { intent: text },
      {
        catalogue: nodes,
        searchRegistry: () => Promise.resolve([]),
        now: Date.now,
        ...(model ? { model } : {}),
      },
    );
    times.push(performance.now() - start);
    predictions.push(predict(id, answer));
  }
  times.sort((a, b) => a - b);
  const millisecondsP50 = times[Math.floor(times.length / 2)] ?? 0;
  const labelled = items.flatMap(({ id, labels }) => (labels ? [{ id, labels }] : []));
  if (labelled.length === 0) return { predictions, millisecondsP50 };
  const scores = score(labelled, new Map(predictions.map((one) => [one.id, one])));
  return { predictions, scores, millisecondsP50 };
}

function print({ scores, predictions, millisecondsP50 }: PlanEvalResult, misses: boolean): void {
  if (scores) {
    for (const [field, { precision, recall, f1 }] of Object.entries(scores.fields)) {
      console.log(
        `${field.padEnd(16)} P ${precision.toFixed(3)}  R ${recall.toFixed(3)}  F1 ${f1.toFixed(3)}`,
      );
    }
    console.log(
      `exact (modules, integrations, approval, authentication) ${scores.exact.toFixed(3)} of ${scores.count}`,
    );
    if (misses)
      for (const { id, wrong } of scores.misses) console.log(`  ${id}: ${wrong.join(" ")}`);
  }
  console.log(`${predictions.length} intents planned, p50 ${millisecondsP50.toFixed(1)} ms`);
}

if (import.meta.main) process.exitCode = await runPlanEval(process.argv.slice(2));
