import type { Workflow } from "./blueprint.ts";

/** The way that a run took, to be marked. */
export interface TakenPath {
  /** Node ids that ran. */
  readonly visited: readonly string[];
  readonly failed?: readonly string[];
}

/**
 * The workflow as a Mermaid flowchart. Ids are replaced by `n0`, `n1` ... and labels escaped, so no
 * name can break out of the diagram; edges with unknown ends are left out.
 */
export function toMermaid(workflow: Pick<Workflow, "nodes" | "edges">, taken?: TakenPath): string {
  const ids = new Map(workflow.nodes.map(({ id }, index) => [id, `n${index}`]));
  const leaving = Map.groupBy(workflow.edges, ({ from }) => from);
  const nodes = workflow.nodes.map(({ id, type, title }) => {
    const branches = new Set((leaving.get(id) ?? []).map(({ port }) => port)).size > 1;
    const first = !workflow.edges.some(({ to }) => to === id);
    const [open, close] = branches ? ["{", "}"] : first ? ["([", "])"] : ["[", "]"];
    return `  ${ids.get(id)}${open}"${escapeLabel(title ?? id)}<br/><small>${escapeLabel(type)}</small>"${close}`;
  });
  const known = workflow.edges.filter(({ from, to }) => ids.has(from) && ids.has(to));
  const edges = known.map(({ from, port, to }) => {
    const label = port === "next" ? "" : `|"${escapeLabel(port)}"|`;
    return `  ${ids.get(from)} -->${label} ${ids.get(to)}`;
  });
  return ["flowchart TD", ...nodes, ...edges, ...marks(ids, taken)].join("\n");
}

function marks(ids: ReadonlyMap<string, string>, taken: TakenPath | undefined): string[] {
  if (!taken) return [];
  const failed = new Set(taken.failed);
  const visited = taken.visited.filter((id) => !failed.has(id));
  const line = (names: Iterable<string>, style: string): string[] => {
    const found = [...new Set(names)].flatMap((id) => ids.get(id) ?? []);
    return found.length > 0 ? [`  class ${found.join(",")} ${style}`] : [];
  };
  return [
    "  classDef taken fill:#dcfce7,stroke:#15803d,color:#14532d",
    "  classDef failed fill:#fee2e2,stroke:#b91c1c,color:#7f1d1d",
    ...line(visited, "taken"),
    ...line(failed, "failed"),
  ];
}

/** Mermaid reads `#quot;`-like entities inside a quoted label; anything else stays text. */
function escapeLabel(text: string): string {
  return text
    .replaceAll(/\s+/g, " ")
    .slice(0, 80)
    .replaceAll(/[^\p{L}\p{N} _.,:/@()+-]/gu, (character) => `#${character.codePointAt(0) ?? 0};`);
}
