import { failurePort } from "#blueprints/node-scope";
import { isCaught } from "./frames.ts";
import { bodyKey, type Graph } from "./graph.ts";
import type { RunGraph, StepTrace, Tally } from "./run-api.ts";
import type { RunState, StepState } from "./run-state.ts";
import { stepStatus } from "./trace.ts";

type Status = StepTrace["status"];

/** The more it is worth looking at. */
const weight: { readonly [One in Status]: number } = {
  succeeded: 0,
  cancelled: 1,
  running: 2,
  failed: 3,
  uncertain: 4,
  waiting: 5,
};

/** Counts one more. */
export function count<One extends string>(tally: Tally<One>, one: One): void {
  tally[one] = (tally[one] ?? 0) + 1;
}

interface NodeSteps {
  readonly tally: Tally;
  readonly ports: Set<string>;
  worth: number;
  step?: string;
}

/** Every node, edge and body of the workflow, with what the run did there. */
export function toRunGraph(graph: Graph, state: RunState): RunGraph {
  const steps = stepsByNode(state);
  const taken = takenWays(graph, state);
  const bodies = [...graph.bodies].filter(([key]) => key !== "");
  const bodyOf = new Map(bodies.flatMap(([key, ids]) => ids.map((id) => [id, key] as const)));
  const drawn = new Set(graph.workflow.edges.map(wayKey));
  const edges = [...graph.incoming.values()].flat();
  const leading = new Set(edges.map(({ from, port }) => bodyKey(from, port)));
  return {
    nodes: graph.workflow.nodes.map(({ id, type, title }) => {
      const body = bodyOf.get(id);
      const { tally = {}, ports = [], step } = steps.get(id) ?? {};
      const ends = [...ports].filter((port) => !leading.has(bodyKey(id, port)));
      return {
        id,
        type,
        ...(title === undefined ? {} : { title }),
        ...(body === undefined ? {} : { body }),
        tally,
        ends: ends.filter((port) => port !== "next"),
        ...(step === undefined ? {} : { step }),
      };
    }),
    edges: edges.map(({ from, port, to }) => ({
      from,
      port,
      to,
      taken: taken.get(bodyKey(from, port)) ?? 0,
      isImplied: !drawn.has(wayKey({ from, port, to })),
    })),
    bodies: toBodies(bodies, bodyOf, state),
  };
}

function toBodies(
  bodies: readonly (readonly [string, readonly string[]])[],
  bodyOf: ReadonlyMap<string, string>,
  state: RunState,
): RunGraph["bodies"] {
  const passes = new Map<string, RunGraph["bodies"][number]["passes"]>();
  for (const { owner, port, status } of state.frames.values()) {
    if (!owner) continue;
    const key = bodyKey(owner.node, port);
    const tally = passes.get(key) ?? {};
    passes.set(key, tally);
    count(tally, status);
  }
  return bodies.map(([id]) => {
    const [owner = "", port = ""] = id.split(" ");
    const outer = bodyOf.get(owner);
    const tally = passes.get(id) ?? {};
    return { id, owner, port, ...(outer === undefined ? {} : { outer }), passes: tally };
  });
}

function stepsByNode(state: RunState): Map<string, NodeSteps> {
  const nodes = new Map<string, NodeSteps>();
  for (const step of state.steps.values()) {
    const status = stepStatus(step, state);
    const node: NodeSteps = nodes.get(step.node) ?? { tally: {}, ports: new Set(), worth: -1 };
    nodes.set(step.node, node);
    count(node.tally, status);
    if (status === "succeeded" && step.port !== undefined) node.ports.add(step.port);
    if (weight[status] <= node.worth) continue;
    node.worth = weight[status];
    node.step = step.path;
  }
  return nodes;
}

/** How often each port was left by, by `bodyKey`. */
function takenWays(graph: Graph, state: RunState): Map<string, number> {
  const taken = new Map<string, number>();
  const take = (node: string, port: string) => {
    const key = bodyKey(node, port);
    taken.set(key, (taken.get(key) ?? 0) + 1);
  };
  for (const step of state.steps.values()) {
    const port = leftBy(graph, step);
    if (port !== undefined) take(step.node, port);
  }
  for (const { owner, port } of state.frames.values()) if (owner) take(owner.node, port);
  return taken;
}

function leftBy(graph: Graph, step: StepState): string | undefined {
  if (step.status === "succeeded") return step.port;
  return step.status === "failed" && isCaught(graph, step) ? failurePort : undefined;
}

function wayKey({ from, port, to }: { from: string; port: string; to: string }): string {
  return `${from} ${port} ${to}`;
}
