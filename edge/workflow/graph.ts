import type { Workflow, WorkflowEdge, WorkflowNode } from "#blueprints/blueprint";
import { InputError } from "#blueprints/error";

/** A workflow, indexed once. */
export interface Graph {
  readonly workflow: Workflow;
  readonly nodes: ReadonlyMap<string, WorkflowNode>;
  readonly incoming: ReadonlyMap<string, readonly WorkflowEdge[]>;
  readonly outgoing: ReadonlyMap<string, readonly WorkflowEdge[]>;
  /** Node ids, every node after all that lead to it. */
  readonly order: readonly string[];
}

/** Throws InputError where an edge leads nowhere or the nodes form a circle. */
export function createGraph(workflow: Workflow): Graph {
  const nodes = new Map(workflow.nodes.map((node) => [node.id, node]));
  const incoming = new Map<string, WorkflowEdge[]>(workflow.nodes.map(({ id }) => [id, []]));
  const outgoing = new Map<string, WorkflowEdge[]>(workflow.nodes.map(({ id }) => [id, []]));
  for (const edge of workflow.edges) {
    const [out, into] = [outgoing.get(edge.from), incoming.get(edge.to)];
    if (out === undefined || into === undefined) {
      throw new InputError(
        "workflow.unknown-node",
        `The edge from "${edge.from}" to "${edge.to}" names a node that does not exist.`,
        { fix: "Add the node or remove the edge." },
      );
    }
    out.push(edge);
    into.push(edge);
  }
  return { workflow, nodes, incoming, outgoing, order: sort(nodes, incoming, outgoing) };
}

type Edges = ReadonlyMap<string, readonly WorkflowEdge[]>;

function sort(
  nodes: ReadonlyMap<string, WorkflowNode>,
  incoming: Edges,
  outgoing: Edges,
): string[] {
  const open = new Map([...incoming].map(([id, edges]) => [id, edges.length]));
  const order = [...open].filter(([, count]) => count === 0).map(([id]) => id);
  for (const id of order) {
    for (const edge of outgoing.get(id) ?? []) {
      const left = (open.get(edge.to) ?? 0) - 1;
      open.set(edge.to, left);
      if (left === 0) order.push(edge.to);
    }
  }
  if (order.length === nodes.size) return order;
  const circle = [...nodes.keys()].filter((id) => !order.includes(id));
  throw new InputError("workflow.circle", `The nodes ${circle.join(", ")} form a circle.`, {
    fix: "Remove the edge that leads back.",
  });
}
