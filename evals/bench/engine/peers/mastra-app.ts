import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { stepsOf } from "../contender.ts";

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

interface Data {
  readonly n: number;
  readonly run: string;
}

const { SDK_FOLDER = "", PORT = "", WITNESS = "", DATABASE = "" } = process.env;
const { resolve } = createRequire(`${SDK_FOLDER}/package.json`);
const load = async (name: string): Promise<unknown> => import(pathToFileURL(resolve(name)).href);
const { Mastra } = (await load("@mastra/core")) as { Mastra: MastraClass };
const { createWorkflow, createStep } = (await load("@mastra/core/workflows")) as Core;
const { LibSQLStore } = (await load("@mastra/libsql")) as { LibSQLStore: Store };

const data = z.object({ n: z.number(), run: z.string() });

function step(id: string, act?: (input: Data) => Promise<unknown>) {
  return createStep({
    id,
    inputSchema: data,
    outputSchema: data,
    execute: async ({ inputData }) => {
      await act?.(inputData);
      return inputData;
    },
  });
}

function workflow(id: string, fill: (empty: Workflow) => Workflow): Workflow {
  return fill(createWorkflow({ id, inputSchema: data, outputSchema: z.any() })).commit();
}

function inARow(count: number, act?: (input: Data, at: number) => Promise<unknown>) {
  return (empty: Workflow) => {
    let filled = empty;
    for (let at = 1; at <= count; at++) {
      filled = filled.then(step(`s${at}`, act && ((input) => act(input, at))));
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
      inARow(stepsOf.effects, async ({ run }, at) => {
        const response = await fetch(`http://${WITNESS}/${run}/s${at}`, { method: "PUT" });
        return response.json();
      }),
    ),
  },
  storage: new LibSQLStore({ id: "bench", url: DATABASE }),
  logger: false,
});
// Mastra does not go on by itself; its documentation leaves this call to the application.
void mastra.restartAllActiveWorkflowRuns();

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, kind = "", run = ""] = (request.url ?? "").split("/");
  let text = "";
  for await (const chunk of request) text += String(chunk);
  response.end(request.method === "POST" ? await start(kind, run, text) : "ready");
}

async function start(kind: string, runId: string, body: string): Promise<string> {
  const { n } = JSON.parse(body) as { n: number };
  const run = await mastra.getWorkflow(kind).createRun({ runId });
  const result = run.start({ inputData: { n, run: runId } });
  if (kind === "effects") {
    // Whoever starts effects does not wait for them.
    result.catch(() => undefined);
    return "{}";
  }
  const { status } = await result;
  return JSON.stringify(status === "success" ? { output: { n } } : { status });
}

const server = createServer((request, response) => {
  serve(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
});
server.keepAliveTimeout = 60_000;
server.listen(Number(PORT), "127.0.0.1");
