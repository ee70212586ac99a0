import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { mutations } from "./harness/mutations.ts";
import { toHtml } from "./harness/report-html.ts";
import { summaryLines, taskLine } from "./harness/report-terminal.ts";
import { runTasks } from "./harness/run-tasks.ts";
import { type Scorecard, toScorecard } from "./harness/scorecard.ts";
import type { Task, TaskResult } from "./harness/task.ts";
import { tasks } from "./tasks/index.ts";

const usage = `npm run eval -- tasks [--only <name>] [--mutants] [--agent scripted|idle] [--out <folder>]`;

/** Runs the tasks and writes scorecard.json and scorecard.html; exit code 1 when one failed. */
export async function runTaskEval(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      only: { type: "string" },
      mutants: { type: "boolean", default: false },
      agent: { type: "string", default: "scripted" },
      out: { type: "string", default: "evals/out" },
    },
  });
  const chosen = tasks.filter((task) => !values.only || task.name === values.only);
  if (chosen.length === 0) {
    console.error(`No task is called "${values.only}".\n${usage}`);
    return 2;
  }
  const results = await runTasks(chosen, {
    idle: values.agent === "idle",
    onResult: (result) => console.log(taskLine(result)),
  });
  const card: Scorecard = {
    ...toScorecard(results, new Date()),
    ...(values.mutants ? { mutants: await runMutants(chosen, results) } : {}),
  };
  await writeReports(card, values.out);
  console.log(`\n${summaryLines(card)}\nReport: ${path.join(values.out, "scorecard.html")}`);
  return card.passed === card.of ? 0 : 1;
}

/** Tasks that passed are run again with each wrong agent that changes their blueprint. */
async function runMutants(chosen: readonly Task[], results: readonly TaskResult[]) {
  const sound = chosen.filter((task) =>
    results.some((one) => one.name === task.name && one.passed),
  );
  const found: { name: string; caught: number; of: number }[] = [];
  for (const [name, mutate] of Object.entries(mutations)) {
    const touched = sound.filter((task) => task.mutants?.includes(name));
    const outcome = await runTasks(touched, { mutate });
    found.push({ name, caught: outcome.filter((one) => !one.passed).length, of: touched.length });
  }
  return found;
}

async function writeReports(card: Scorecard, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, "scorecard.json"), `${JSON.stringify(card, null, 2)}\n`);
  await writeFile(path.join(folder, "scorecard.html"), await toHtml(card));
}
