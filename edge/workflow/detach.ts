import type { WorkflowNode } from "#blueprints/blueprint";
import { entryType } from "#blueprints/node";
import type { LiveWorkflow } from "#edge/gateway/live-items";
import { starterIn } from "./answerer.ts";
import { detachedStep } from "./history.ts";
import { toJson } from "./json-value.ts";
import type { RunParent, RunRequest } from "./run-api.ts";
import type { StepInvocation, StepRecord } from "./step-invocation.ts";

/**
 * Starts a run whose only step is this node with another config, or joins the one that the step
 * started before. It is a run like any other: seen, cancelled and kept as one.
 */
export async function detachStep(
  invocation: StepInvocation,
  { effects }: StepRecord,
  { config, lastsMs }: { config: Readonly<Record<string, unknown>>; lastsMs: number },
): Promise<{ id: string }> {
  const { program, step, node, outside, now, record } = invocation;
  const { run } = program;
  const callers = run.parent?.callers ?? [];
  const parent: RunParent = { runId: run.id, step: step.path, callers, detached: true };
  const input = toJson(step.path, config) as Record<string, unknown>;
  const id = await outside.childId({ workflow: node.type, parent });
  if (!step.children.has(id)) {
    const workflow = run.name;
    const started = { type: "child-started", step: step.path, run: id, workflow } as const;
    record({ ...started, at: now(), detached: true }, true);
  }
  effects.push({
    kind: "run",
    target: `${node.type} ${id}`,
    ...(run.mode === "test" ? { body: input } : {}),
  });
  await outside.startDetached({
    ...requestOf(run, { node, input, hosts: invocation.prepared.hosts() }),
    id,
    parent,
    lastsMs,
  });
  return { id };
}

interface Detached {
  readonly node: WorkflowNode;
  readonly input: Readonly<Record<string, unknown>>;
  readonly hosts: readonly string[];
}

function requestOf(run: RunRequest, detached: Detached): Omit<RunRequest, "id"> {
  const { workspaceId, name, version, baseUrl, handleTag } = run;
  return {
    workspaceId,
    name,
    version,
    document: toDocument(run.document, detached),
    trigger: "workflow",
    input: detached.input,
    mode: "live",
    ...starterIn(run),
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(handleTag === undefined ? {} : { handleTag }),
  };
}

/**
 * The config comes as the run's input: templates were filled in once, and what data wrote into it is
 * never taken for one. For the same reason the hosts are those that the node as written names.
 */
function toDocument(
  { workflow, egress, secrets }: LiveWorkflow,
  { node, input, hosts }: Detached,
): LiveWorkflow {
  const config = Object.fromEntries(Object.keys(input).map((key) => [key, `{{ input.${key} }}`]));
  return {
    workflow: {
      name: workflow.name,
      description: workflow.description,
      input: { type: "object" },
      nodes: [
        { id: "start", type: entryType, config: { source: "workflow" } },
        { ...node, id: detachedStep, config },
      ],
      edges: [{ from: "start", port: "next", to: detachedStep }],
    },
    functions: {},
    egress: [...new Set([...egress, ...hosts])],
    secrets,
  };
}
