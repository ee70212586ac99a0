// Layered layouts are a field of their own; this one is pure, small (17 kB gzipped) and needs no eval.
import { Graph, layout } from "@dagrejs/dagre";
import type { RunGraph } from "#edge/workflow/run-api";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle by its centre. */
export interface Box extends Size {
  readonly x: number;
  readonly y: number;
}

interface PlacedEdge {
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** Centre of its label. */
  readonly x: number;
  readonly y: number;
}

export interface Placement extends Size {
  /** By id. */
  readonly nodes: ReadonlyMap<string, Box>;
  readonly bodies: ReadonlyMap<string, Box>;
  /** In the order of the graph's. */
  readonly edges: readonly (PlacedEdge | undefined)[];
}

/** What is to be placed, with its sizes: nothing of what a run did. */
export interface Shape {
  readonly nodes: readonly (Size & Pick<RunGraph["nodes"][number], "id" | "body">)[];
  readonly edges: readonly (Size & Pick<RunGraph["edges"][number], "from" | "to">)[];
  readonly bodies: readonly Pick<RunGraph["bodies"][number], "id" | "outer">[];
}

/** Beyond this a picture takes long to place and tells nobody anything. */
export const mostEdges = 300;
/** Above so many nodes a faster way to rank them will do. */
const manyNodes = 60;

/** A page that is live asks for the same again and again. */
const placed = new Map<string, Placement>();
const kept = 20;

/** Where everything goes, from top to bottom; undefined: too large to be drawn. */
export function place(shape: Shape): Placement | undefined {
  if (shape.edges.length > mostEdges) return undefined;
  const key = JSON.stringify(shape);
  const known = placed.get(key);
  if (known) return known;
  const placement = placeAnew(shape);
  placed.set(key, placement);
  const [oldest] = placed.keys();
  if (placed.size > kept && oldest !== undefined) placed.delete(oldest);
  return placement;
}

function placeAnew({ nodes, edges, bodies }: Shape): Placement {
  const graph = new Graph({ multigraph: true, compound: true });
  graph.setGraph({
    rankdir: "TB",
    nodesep: 28,
    ranksep: 34,
    marginx: 12,
    marginy: 26,
    ...(nodes.length > manyNodes ? { ranker: "tight-tree" } : {}),
  });
  for (const { id } of bodies) graph.setNode(bodyName(id), {});
  for (const { id, outer } of bodies) {
    if (outer !== undefined) graph.setParent(bodyName(id), bodyName(outer));
  }
  for (const { id, body, width, height } of nodes) {
    graph.setNode(nodeName(id), { width, height });
    if (body !== undefined) graph.setParent(nodeName(id), bodyName(body));
  }
  edges.forEach(({ from, to, width, height }, index) => {
    const label = { width, height, labelpos: "c" };
    graph.setEdge(nodeName(from), nodeName(to), label, String(index));
  });
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as Partial<Size>;
  return {
    width,
    height,
    nodes: new Map(nodes.map(({ id }) => [id, graph.node(nodeName(id)) as Box])),
    bodies: new Map(bodies.map(({ id }) => [id, graph.node(bodyName(id)) as Box])),
    edges: edges.map(
      ({ from, to }, index) =>
        graph.edge(nodeName(from), nodeName(to), String(index)) as PlacedEdge | undefined,
    ),
  };
}

/** No name of ours is one that objects have by themselves. */
function nodeName(id: string): string {
  return `node ${id}`;
}

function bodyName(id: string): string {
  return `body ${id}`;
}
