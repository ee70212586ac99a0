import type { Workflow } from "../blueprint.ts";
import type { ImpliedEdge } from "../node-scope.ts";

/** How the steps of a workflow follow each other; edges with unknown ends are left out. */
export interface Graph {
  /** Reached from the entry. */
  readonly reachable: ReadonlySet<string>;
  /** Runs in every run: no branch on the way to it. */
  readonly certain: ReadonlySet<string>;
  /** Everything that may have run before a node. */
  upstream(id: string): ReadonlySet<string>;
  /** Whether `first` has run whenever `second` runs. */
  always(first: string, second: string): boolean;
  /** One cycle as the ids along it, if there is one. */
  readonly cycle: readonly string[] | undefined;
}

interface Ways {
  /** Drawn and implied ones between nodes that exist; none that leads back to a loop around it. */
  readonly edges: readonly ImpliedEdge[];
  readonly entry: string | undefined;
  /** The edge need not be taken once its source has run. */
  branches(edge: ImpliedEdge): boolean;
}

export function createGraph(workflow: Workflow, { edges, entry, ...ways }: Ways): Graph {
  const ids = new Set(workflow.nodes.map(({ id }) => id));
  const forward = neighbours(edges.map(({ from, to }) => [from, to]));
  const backward = neighbours(edges.map(({ from, to }) => [to, from]));
  const plain = neighbours(
    edges.filter((edge) => !ways.branches(edge)).map(({ from, to }) => [from, to]),
  );
  const start = entry === undefined ? [] : [entry];
  const reachable = walk(start, forward);
  const certain = walk(start, plain);
  const before = new Map<string, ReadonlySet<string>>();
  const without = new Map<string, ReadonlySet<string>>();
  return {
    reachable,
    certain,
    cycle: findCycle([...ids], forward),
    upstream(id) {
      const known = before.get(id) ?? walk(backward.get(id) ?? [], backward);
      before.set(id, known);
      return known;
    },
    always(first, second) {
      if (certain.has(first)) return true;
      const rest = without.get(first) ?? walk(start, forward, first);
      without.set(first, rest);
      return reachable.has(second) && !rest.has(second);
    },
  };
}

type Neighbours = ReadonlyMap<string, readonly string[]>;

function neighbours(pairs: readonly (readonly [string, string])[]): Neighbours {
  const map = new Map<string, string[]>();
  for (const [from, to] of pairs) {
    const list = map.get(from);
    if (list) list.push(to);
    else map.set(from, [to]);
  }
  return map;
}

function walk(start: readonly string[], next: Neighbours, avoid?: string): Set<string> {
  const seen = new Set(start.filter((id) => id !== avoid));
  const open = [...seen];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const other of next.get(id) ?? []) {
      if (seen.has(other) || other === avoid) continue;
      seen.add(other);
      open.push(other);
    }
  }
  return seen;
}

/** Takes away nodes that nothing leads to until only cycles are left, then follows one. */
function findCycle(ids: readonly string[], forward: Neighbours): string[] | undefined {
  const incoming = new Map(ids.map((id) => [id, 0]));
  for (const targets of forward.values()) {
    for (const to of targets) incoming.set(to, (incoming.get(to) ?? 0) + 1);
  }
  const open = ids.filter((id) => incoming.get(id) === 0);
  const left = new Set(ids);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    left.delete(id);
    for (const to of forward.get(id) ?? []) {
      const count = (incoming.get(to) ?? 0) - 1;
      incoming.set(to, count);
      if (count === 0) open.push(to);
    }
  }
  // Every node on a cycle leads to another that is left, so this walk must come back.
  const onCycle = (id: string): boolean =>
    left.has(id) && walk(forward.get(id) ?? [], forward).has(id);
  const first = ids.find(onCycle);
  if (first === undefined) return undefined;
  const trail = [first];
  for (let at = first; ;) {
    const next: string | undefined = (forward.get(at) ?? []).find(
      (to) =>
        to === first || (!trail.includes(to) && left.has(to) && walk([to], forward).has(first)),
    );
    if (next === undefined || next === first) return trail;
    trail.push(next);
    at = next;
  }
}
