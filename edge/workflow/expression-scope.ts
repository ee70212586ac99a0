import { secretHandle } from "#edge/isolates/handles";
import type { Graph } from "./graph.ts";
import type { RunRequest } from "./run-api.ts";
import type { Frame, RunState } from "./run-state.ts";

/** A run's pinned workflow, and what of the run never changes. */
export interface Program {
  readonly graph: Graph;
  readonly run: Omit<RunRequest, "stubs" | "fingerprint">;
}

/**
 * What expressions in a frame see: the steps of the frame and of those around it, and the names that
 * these frames give (`item`, `index`). `secrets.<NAME>` is a handle, never a value.
 */
export function createScope(
  { graph, run }: Program,
  state: RunState,
  frame: Frame = state.root,
): Record<string, unknown> {
  const steps: Record<string, unknown> = {};
  const names: Record<string, unknown> = {};
  for (const around of framesAround(frame)) {
    for (const { node, status, output, port } of around.steps.values()) {
      if (status === "succeeded") steps[node] = { output, port };
    }
    Object.assign(names, localsOf(graph, state, around));
  }
  return {
    ...names,
    input: run.input,
    steps,
    vars: state.variables,
    run: { id: run.id, workflow: run.name, version: run.version, trigger: run.trigger },
    secrets: Object.fromEntries(
      run.document.secrets.map(({ name }) => [name, secretHandle(name, run.handleTag)]),
    ),
  };
}

/** The outermost first. */
function framesAround(frame: Frame): Frame[] {
  const frames: Frame[] = [];
  for (let at: Frame | undefined = frame; at; at = at.owner?.frame) frames.unshift(at);
  return frames;
}

function localsOf(graph: Graph, state: RunState, { owner, key }: Frame) {
  const config = owner && state.steps.get(owner.path)?.input;
  if (!owner || config === undefined) return {};
  return graph.definitions.get(owner.node)?.scope?.locals?.(config, key) ?? {};
}
