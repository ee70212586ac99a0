import { z } from "zod";
import { stepsOf } from "../contender.ts";
import { act, type Data, load, serveRuns } from "./app-server.ts";

/** What of Mastra is used here; it is installed into a folder of its own. */
interface Workflow {
  then(step: unknown): Workflow;
  parallel(steps: readonly unknown[]): Workflow;
  commit(): Workflow;
  createRun(options: { runId: string }): Promise<{
    start(options: { inputData: Data }): Promise<{ readonly status: string }>;
  }>;
}

interface Definition {
  readonly id: string;
  readonly inputSchema: unknown;
  readonly outputSchema: unknown;
}

interface Core {
  readonly createWorkflow: (definition: Definition) => Workflow;
  readonly createStep: (
    definition: Definition & { execute(context: { inputData: Data }): Promise<Data> },
  ) => unknown;
}

type MastraClass = new (options: object) => {
  getWorkflow(id: string): Workflow;
  restartAllActiveWorkflowRuns(): Promise<void>;
};
type Store = new (options: { id: string; url: string }) => unknown;

const { Mastra } = await load<{ Mastra: MastraClass }>("@mastra/core");
const { createWorkflow, createStep } = await load<Core>("@mastra/core/workflows");
const { LibSQLStore } = await load<{ LibSQLStore: Store }>("@mastra/libsql");

const data = z.object({ n: z.number(), run: z.string() });

function step(id: string, work?: (input: Data) => Promise<unknown>) {
  return createStep({
    id,
    inputSchema: data,
    outputSchema: data,
    execute: async ({ inputData }) => {
      await work?.(inputData);
      return inputData;
    },
  });
}

function workflow(id: string, fill: (empty: Workflow) => Workflow): Workflow {
  return fill(createWorkflow({ id, inputSchema: data, outputSchema: z.any() })).commit();
}

function inARow(count: number, work?: (input: Data, at: number) => Promise<unknown>) {
  return (empty: Workflow) => {
    let filled = empty;
    for (let at = 1; at <= count; at++) {
      filled = filled.then(step(`s${at}`, work && ((input) => work(input, at))));
    }
    return filled;
  };
}

const branches = Array.from({ length: stepsOf.fan }, (_, at) => step(`b${at}`));
const joined = createStep({
  id: "joined",
  inputSchema: z.any(),
  outputSchema: z.any(),
  execute: async ({ inputData }) => inputData,
});
const mastra = new Mastra({
  workflows: {
    ten: workflow("ten", inARow(stepsOf.ten)),
    fan: workflow("fan", (empty) => empty.parallel(branches).then(joined)),
    effects: workflow(
      "effects",
      inARow(stepsOf.effects, ({ run }, at) => act(run, at)),
    ),
  },
  storage: new LibSQLStore({ id: "bench", url: process.env["DATABASE"] ?? "" }),
  logger: false,
});
// Mastra does not go on by itself; its documentation leaves this call to the application.
void mastra.restartAllActiveWorkflowRuns();

serveRuns(async (kind, inputData) => {
  const run = await mastra.getWorkflow(kind).createRun({ runId: inputData.run });
  const { status } = await run.start({ inputData });
  return status === "success" ? inputData.n : Number.NaN;
});
