import { stepsOf } from "../contender.ts";
import { act, type Data, load, serveRuns } from "./app-server.ts";

/** What of LangGraph is used here; it is installed into a folder of its own. */
interface LangGraph {
  readonly StateGraph: new (state: unknown) => Graph;
  readonly START: string;
  readonly END: string;
  readonly Annotation: { (): unknown; Root(fields: Readonly<Record<string, unknown>>): unknown };
}

interface Graph {
  addNode(name: string, work: (state: Data) => Promise<Data>): Graph;
  addEdge(from: string, to: string): Graph;
  compile(options: { checkpointer: Saver }): Compiled;
}

interface Compiled {
  invoke(input: Data | null, config: Config): Promise<Data>;
  getState(config: Config): Promise<{ readonly next: readonly string[] }>;
}

interface Config {
  readonly configurable: { readonly thread_id: string };
  readonly durability: "sync";
}

interface Saver {
  setup(): Promise<void>;
  list(config: object): AsyncIterable<{ readonly config: Config }>;
}

interface Checkpoints {
  readonly PostgresSaver: { fromConnString(url: string): Saver };
}

const { StateGraph, START, END, Annotation } = await load<LangGraph>("@langchain/langgraph");
const { PostgresSaver } = await load<Checkpoints>("@langchain/langgraph-checkpoint-postgres");

const checkpointer = PostgresSaver.fromConnString(process.env["DATABASE"] ?? "");
await checkpointer.setup();
const state = Annotation.Root({ n: Annotation(), run: Annotation() });
/** Branches may not write the same field at once: they write none. */
const nothing = {} as Data;

function inARow(count: number, work: (data: Data, at: number) => Promise<Data>): Compiled {
  const graph = new StateGraph(state);
  for (let at = 1; at <= count; at++) graph.addNode(`s${at}`, (data) => work(data, at));
  graph.addEdge(START, "s1").addEdge(`s${count}`, END);
  for (let at = 1; at < count; at++) graph.addEdge(`s${at}`, `s${at + 1}`);
  return graph.compile({ checkpointer });
}

function fanOut(): Compiled {
  const graph = new StateGraph(state).addNode("joined", async () => nothing);
  for (let at = 1; at <= stepsOf.fan; at++) {
    graph.addNode(`b${at}`, async () => nothing);
    graph.addEdge(START, `b${at}`).addEdge(`b${at}`, "joined");
  }
  return graph.addEdge("joined", END).compile({ checkpointer });
}

const graphs = new Map([
  ["ten", inARow(stepsOf.ten, async ({ n, run }) => ({ n, run }))],
  ["fan", fanOut()],
  [
    "effects",
    inARow(stepsOf.effects, async ({ n, run }, at) => {
      await act(run, at);
      return { n, run };
    }),
  ],
]);

/** `thread`: `<kind>/<run>`. */
function configOf(thread: string): Config {
  return { configurable: { thread_id: thread }, durability: "sync" };
}

/** LangGraph does not go on by itself: an application looks for threads that have not ended. */
async function goOn(): Promise<void> {
  const seen = new Set<string>();
  for await (const { config } of checkpointer.list({ configurable: {} })) {
    const thread = config.configurable.thread_id;
    if (seen.has(thread)) continue;
    seen.add(thread);
    const graph = graphs.get(thread.split("/")[0]!)!;
    const { next } = await graph.getState(configOf(thread));
    if (next.length > 0) void graph.invoke(null, configOf(thread));
  }
}

void goOn();
serveRuns(async (kind, data) => {
  const { n } = await graphs.get(kind)!.invoke(data, configOf(`${kind}/${data.run}`));
  return n;
});
