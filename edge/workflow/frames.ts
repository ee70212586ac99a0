import { failurePort, type ImpliedEdge } from "#blueprints/node-scope";
import { bodyKey, type Graph } from "./graph.ts";
import type { StepError } from "./history.ts";
import { type Frame, signalsOf, stepPath, type StepState } from "./run-state.ts";

/** Whether an edge can still be taken: `open` for not yet known. */
type Way = "open" | "taken" | "dead";

/** A step that may begin or go on. */
export interface Startable {
  readonly path: string;
  readonly node: string;
  readonly attempt: number;
}

/**
 * Whether another node of the frame deals with the error of a step that failed for good. It does so
 * once: it begins when all that it covers has ended, and nothing of that can begin behind it, because
 * workflows have no circles.
 */
export function isCaught(graph: Graph, step: StepState): boolean {
  return graph.catchers.has(step.node);
}

/** The error that ends a frame: of a step that nobody catches. */
export function failureOf(graph: Graph, frame: Frame): StepState | undefined {
  for (const step of frame.steps.values()) {
    if (step.status === "failed" && !isCaught(graph, step)) return step;
  }
  return undefined;
}

/** An error that a finished step asked for. */
export function raisedIn(frame: Frame): { step: StepState; error: StepError } | undefined {
  for (const step of frame.steps.values()) {
    if (step.raise) return { step, error: step.raise };
  }
  return undefined;
}

function wayOf(graph: Graph, frame: Frame, fates: Fates, edge: ImpliedEdge): Way {
  if (edge.from === frame.owner?.node) return edge.port === frame.port ? "taken" : "dead";
  const step = frame.steps.get(edge.from);
  if (!step) return fates.get(edge.from) === "dead" ? "dead" : "open";
  switch (step.status) {
    case "succeeded":
      return step.port === edge.port ? "taken" : "dead";
    case "failed":
      return edge.port === failurePort && isCaught(graph, step) ? "taken" : "dead";
    case "cancelled":
      return "dead";
    case "ready":
    case "running":
    case "open":
    case "waiting":
    case "retrying":
    case "uncertain":
      return "open";
    default:
      return step.status satisfies never;
  }
}

type Fates = ReadonlyMap<string, "open" | "dead">;

/** A node that did not begin never will, once a node that catches errors has caught one for it. */
function isGivenUp(graph: Graph, frame: Frame, id: string): boolean {
  return (graph.catchers.get(id) ?? []).some((catcher) => {
    const covered = graph.covered.get(catcher);
    if (!covered?.has(id)) return false;
    return [...covered].some((other) => frame.steps.get(other)?.status === "failed");
  });
}

/** A step that began before and may now go on: retried, resumed or answered. */
function goesOn(step: StepState): boolean {
  if (step.status === "ready") return true;
  return step.status === "waiting" && signalsOf(step.wait).some((name) => step.signals.has(name));
}

/**
 * The steps of a frame that may run now. A node begins when every edge into it is settled (its source
 * finished, or can no longer run) and at least one of them was taken: a join waits for all live ways
 * and ignores those not taken.
 */
export function startable(graph: Graph, frame: Frame): Startable[] {
  const again: Startable[] = [];
  for (const step of frame.steps.values()) {
    const { path, node, attempt } = step;
    if (goesOn(step)) again.push({ path, node, attempt: step.error ? attempt + 1 : attempt });
  }
  const body = graph.bodies.get(bodyKey(frame.owner?.node, frame.owner && frame.port)) ?? [];
  const fates = new Map<string, "open" | "dead">();
  const first: Startable[] = [];
  for (const id of body) {
    if (frame.steps.has(id)) continue;
    const ways = (graph.incoming.get(id) ?? []).map((edge) => wayOf(graph, frame, fates, edge));
    const alive = ways.length === 0 || ways.some((way) => way !== "dead");
    fates.set(id, alive && !isGivenUp(graph, frame, id) ? "open" : "dead");
    if (fates.get(id) === "dead" || ways.includes("open")) continue;
    first.push({ path: stepPath(frame.path, id), node: id, attempt: 1 });
  }
  return [...again, ...first];
}
