import type { WorkflowEdge, WorkflowNode } from "./blueprint.ts";
import type { NodeDefinition } from "./node.ts";
import type { ImpliedEdge } from "./node-scope.ts";

/** Where a node stands: behind which body port of which node. */
export interface Home {
  readonly owner: string;
  readonly port: string;
}

/** A node that is reached both from inside a body and from elsewhere. */
export interface Crossing {
  readonly node: string;
  readonly homes: readonly [Home | undefined, Home | undefined];
}

/** How the nodes of a workflow nest. */
export interface Layout {
  /** Drawn and implied ones, without those that lead back to the node whose body they are in. */
  readonly edges: readonly ImpliedEdge[];
  /** By node id; undefined: not inside any body. */
  readonly homes: ReadonlyMap<string, Home | undefined>;
  readonly crossings: readonly Crossing[];
}

/** A node as the layout needs it; `config` as written. */
export interface LayoutNode {
  readonly id: string;
  readonly definition: NodeDefinition | undefined;
  readonly config: unknown;
}

/** The config as it stands in the workflow, with defaults where it fits. */
export function toLayoutNode(
  node: WorkflowNode,
  definition: NodeDefinition | undefined,
): LayoutNode {
  const parsed = definition?.scope ? definition.config.safeParse(node.config) : undefined;
  return { id: node.id, definition, config: parsed?.success ? parsed.data : node.config };
}

/** Where every node belongs. Works on any workflow, also one that is wrong. */
export function layOut(nodes: readonly LayoutNode[], drawn: readonly WorkflowEdge[]): Layout {
  const known = new Set(nodes.map(({ id }) => id));
  const bodies = new Map(nodes.map((node) => [node.id, new Set(bodyPorts(node))]));
  const all = [...drawn, ...nodes.flatMap(impliedEdges)].filter(
    ({ from, to }) => known.has(from) && known.has(to),
  );
  const leaving = Map.groupBy(all, ({ from }) => from);
  const homes = new Map<string, Home | undefined>();
  const crossings: Crossing[] = [];
  const back = new Set<ImpliedEdge>();
  const visit = (start: string): void => {
    homes.set(start, undefined);
    const open = [start];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      for (const edge of leaving.get(id) ?? []) {
        const isBody = bodies.get(id)?.has(edge.port) ?? false;
        const home = isBody ? { owner: id, port: edge.port } : homes.get(id);
        if (encloses(edge.to, home, homes)) back.add(edge);
        else if (!homes.has(edge.to)) {
          homes.set(edge.to, home);
          open.push(edge.to);
        } else if (!isSame(homes.get(edge.to), home)) {
          crossings.push({ node: edge.to, homes: [homes.get(edge.to), home] });
        }
      }
    }
  };
  const reached = new Set(all.map(({ to }) => to));
  for (const { id } of nodes) if (!reached.has(id)) visit(id);
  for (const { id } of nodes) if (!homes.has(id)) visit(id);
  return { edges: all.filter((edge) => !back.has(edge)), homes, crossings };
}

function isSame(one: Home | undefined, other: Home | undefined): boolean {
  return one?.owner === other?.owner && one?.port === other?.port;
}

/** Whether `id` is the node around this body, or around one further out. */
function encloses(
  id: string,
  home: Home | undefined,
  homes: ReadonlyMap<string, Home | undefined>,
): boolean {
  for (let at = home; at !== undefined; at = homes.get(at.owner)) {
    if (at.owner === id) return true;
  }
  return false;
}

/** A config that does not fit says nothing; other checks report it. */
function read<T>(work: () => readonly T[] | undefined): readonly T[] {
  try {
    return work() ?? [];
  } catch {
    return [];
  }
}

/** The ports of a node that lead into bodies. */
export function bodyPorts({ definition, config }: LayoutNode): readonly string[] {
  return read(() => definition?.scope?.bodies(config));
}

function impliedEdges({ id, definition, config }: LayoutNode): readonly ImpliedEdge[] {
  return read(() => definition?.scope?.implies?.(id, config));
}
