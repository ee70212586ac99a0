import type { Graph } from "./graph.ts";
import { framePath, type RunState, stepPath, type StepState } from "./run-state.ts";

/** A frame that undoes what a finished step did. */
export interface Undo {
  /** Path of the node that declares it; its own step need not have begun. */
  readonly step: string;
  readonly key: string;
  readonly port: string;
  /** Path of the step that is undone. */
  readonly undoes: string;
}

function undoOf(graph: Graph, state: RunState, step: StepState): Undo | undefined {
  const edge = graph.undo.get(step.node);
  if (!edge || step.status !== "succeeded") return undefined;
  const owner = stepPath(step.frame.path, edge.from);
  if (state.frames.has(framePath(owner, step.node))) return undefined;
  return { step: owner, key: step.node, port: edge.port, undoes: step.path };
}

/** What a cancelled run undoes next: of all finished steps not yet undone the one that ended last. */
export function nextUndo(graph: Graph, state: RunState): Undo | undefined {
  if (graph.undo.size === 0) return undefined;
  const finished = [...state.steps.values()].toSorted(
    (one, other) => (other.endedSeq ?? 0) - (one.endedSeq ?? 0),
  );
  for (const step of finished) {
    const undo = undoOf(graph, state, step);
    if (undo) return undo;
  }
  return undefined;
}

/** The path of the step that a frame of a catching node undoes. */
export function undoneBy(graph: Graph, owner: StepState, port: string): string | undefined {
  for (const [node, edge] of graph.undo) {
    if (edge.from === owner.node && edge.port === port) return stepPath(owner.frame.path, node);
  }
  return undefined;
}
