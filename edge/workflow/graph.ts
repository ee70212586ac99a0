import type { Workflow, WorkflowNode } from "#blueprints/blueprint";
import type { NodeCatalogue } from "#blueprints/catalogue";
import { InputError } from "#blueprints/error";
import type { NodeDefinition } from "#blueprints/node";
import { failurePort, type ImpliedEdge } from "#blueprints/node-scope";
import { layOut, toLayoutNode } from "#blueprints/scopes";

/** A workflow with the types of its nodes, indexed once. */
export interface Graph {
  readonly workflow: Workflow;
  readonly nodes: ReadonlyMap<string, WorkflowNode>;
  /** Undefined: no such type, or not any more. */
  readonly definitions: ReadonlyMap<string, NodeDefinition | undefined>;
  /** Drawn and implied edges, without those that lead back to the start of a loop. */
  readonly incoming: ReadonlyMap<string, readonly ImpliedEdge[]>;
  /** Node ids of every body, each after all that lead to it; by `bodyKey`. */
  readonly bodies: ReadonlyMap<string, readonly string[]>;
  /** By node: the nodes that catch its errors. */
  readonly catchers: ReadonlyMap<string, readonly string[]>;
  /** By node that catches: what it catches errors of and does not lead to itself. */
  readonly covered: ReadonlyMap<string, ReadonlySet<string>>;
  /** By node: the way that undoes it. */
  readonly undo: ReadonlyMap<string, ImpliedEdge>;
}

/** Of the workflow itself without an owner. */
export function bodyKey(owner?: string, port?: string): string {
  return owner === undefined ? "" : `${owner} ${port ?? ""}`;
}

const kept = new WeakMap<NodeCatalogue, WeakMap<Workflow, Graph>>();

/** The same as `createGraph`, made once for all runs that share a document. */
export function graphOf(workflow: Workflow, catalogue: NodeCatalogue): Graph {
  const graphs = kept.get(catalogue) ?? new WeakMap<Workflow, Graph>();
  kept.set(catalogue, graphs);
  const graph = graphs.get(workflow) ?? createGraph(workflow, catalogue);
  graphs.set(workflow, graph);
  return graph;
}

/**
 * @throws InputError where an edge leads nowhere, nodes form a circle, or a node is reached both from
 * inside a body and from elsewhere
 */
export function createGraph(workflow: Workflow, catalogue: NodeCatalogue): Graph {
  const nodes = new Map(workflow.nodes.map((node) => [node.id, node]));
  for (const { from, to } of workflow.edges) {
    if (nodes.has(from) && nodes.has(to)) continue;
    throw new InputError(
      "workflow.unknown-node",
      `The edge from "${from}" to "${to}" names a node that does not exist.`,
      { fix: "Add the node or remove the edge." },
    );
  }
  const definitions = new Map(workflow.nodes.map(({ id, type }) => [id, catalogue[type]]));
  const laidOut = layOut(
    workflow.nodes.map((node) => toLayoutNode(node, definitions.get(node.id))),
    workflow.edges,
  );
  const crossing = laidOut.crossings[0];
  if (crossing) {
    throw new InputError(
      "workflow.scope-crossed",
      `Node "${crossing.node}" is reached both from inside a scope and from elsewhere.`,
      { fix: "Lead to it from the node around the scope." },
    );
  }
  const { edges, homes } = laidOut;
  const incoming = group(nodes, edges, ({ to }) => to);
  const outgoing = group(nodes, edges, ({ from }) => from);
  const bodies = new Map<string, string[]>([["", []]]);
  for (const id of sort(incoming, outgoing)) {
    const home = homes.get(id);
    const key = bodyKey(home?.owner, home?.port);
    const body = bodies.get(key);
    if (body) body.push(id);
    else bodies.set(key, [id]);
  }
  const catches = edges.filter(({ port }) => port === failurePort);
  return {
    workflow,
    nodes,
    definitions,
    incoming,
    bodies,
    catchers: new Map(
      [...Map.groupBy(catches, ({ from }) => from)].map(([id, all]) => [
        id,
        all.map(({ to }) => to),
      ]),
    ),
    covered: coveredBy(catches, outgoing),
    undo: new Map(
      edges.flatMap((edge) => (edge.undoes === undefined ? [] : [[edge.undoes, edge]])),
    ),
  };
}

type Edges = ReadonlyMap<string, readonly ImpliedEdge[]>;

function group(
  nodes: ReadonlyMap<string, unknown>,
  edges: readonly ImpliedEdge[],
  end: (edge: ImpliedEdge) => string,
): Edges {
  const groups = Map.groupBy(edges, end);
  return new Map([...nodes.keys()].map((id) => [id, groups.get(id) ?? []]));
}

/** Once it has caught an error, what it covers does not begin any more, unless it leads there. */
function coveredBy(catches: readonly ImpliedEdge[], outgoing: Edges): Map<string, Set<string>> {
  const covered = new Map<string, Set<string>>();
  for (const [catcher, edges] of Map.groupBy(catches, ({ to }) => to)) {
    const reached = new Set([catcher]);
    for (const id of reached) for (const { to } of outgoing.get(id) ?? []) reached.add(to);
    covered.set(catcher, new Set(edges.map(({ from }) => from).filter((id) => !reached.has(id))));
  }
  return covered;
}

function sort(incoming: Edges, outgoing: Edges): string[] {
  const open = new Map([...incoming].map(([id, edges]) => [id, edges.length]));
  const order = [...open].filter(([, count]) => count === 0).map(([id]) => id);
  for (const id of order) {
    for (const edge of outgoing.get(id) ?? []) {
      const left = (open.get(edge.to) ?? 0) - 1;
      open.set(edge.to, left);
      if (left === 0) order.push(edge.to);
    }
  }
  if (order.length === incoming.size) return order;
  const circle = [...incoming.keys()].filter((id) => !order.includes(id));
  throw new InputError("workflow.circle", `The nodes ${circle.join(", ")} form a circle.`, {
    fix: "Remove the edge that leads back, or repeat the steps with a `loop` node.",
  });
}
