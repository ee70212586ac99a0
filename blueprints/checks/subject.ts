import type { z } from "zod";
import type { Blueprint, Workflow, WorkflowNode } from "../blueprint.ts";
import type { NodeCatalogue } from "../catalogue.ts";
import { entryType, type NodeDefinition, type Requirements } from "../node.ts";
import { hasTemplate } from "../template.ts";
import type { CheckSubject, KnownResources, NodeView, WorkflowView } from "./check.ts";
import { failurePort, type ImpliedEdge } from "../node-scope.ts";
import { bodyPorts, layOut, toLayoutNode } from "../scopes.ts";
import { createGraph } from "./graph.ts";
import { valueAt } from "./path.ts";
import { explainIssues } from "./schema-issues.ts";

/** Works out once what several checks need. */
export function createSubject(
  blueprint: Blueprint,
  catalogue: NodeCatalogue,
  known: KnownResources,
): CheckSubject {
  const workflows = blueprint.workflows.map((workflow, index) =>
    createWorkflowView(workflow, `workflows[${index}]`, catalogue),
  );
  return { blueprint, catalogue, known, workflows };
}

/** One workflow with its nodes and edges looked up; `path` is where it stands in the blueprint. */
export function createWorkflowView(
  workflow: Workflow,
  path: string,
  catalogue: NodeCatalogue,
): WorkflowView {
  const nodes = workflow.nodes.map((node, index) =>
    createNodeView(node, `${path}.nodes[${index}]`, catalogue),
  );
  const byId = new Map(nodes.map((view) => [view.node.id, view]));
  const entry = workflow.nodes.find(({ type }) => type === entryType)?.id;
  const layoutNodes = nodes.map(({ node, definition }) => toLayoutNode(node, definition));
  const layout = layOut(layoutNodes, workflow.edges);
  const inside = new Map(layoutNodes.map((node) => [node.id, new Set(bodyPorts(node))]));
  // Whatever leads into a body may not be taken; of what leads out, only one of several is.
  const branches = ({ from, port }: ImpliedEdge): boolean => {
    const bodies = inside.get(from);
    const ports = byId.get(from)?.ports?.filter((one) => !bodies?.has(one)) ?? [];
    return ports.length > 1 || port === failurePort || (bodies?.has(port) ?? false);
  };
  const graph = createGraph(workflow, { edges: layout.edges, entry, branches });
  return { workflow, path, nodes, byId, graph, layout };
}

function createNodeView(node: WorkflowNode, path: string, catalogue: NodeCatalogue): NodeView {
  const definition = Object.hasOwn(catalogue, node.type) ? catalogue[node.type] : undefined;
  if (!definition) {
    return { node, path, definition, configIssues: [], ports: undefined, requirements: {} };
  }
  const parsed = definition.config.safeParse(node.config);
  const issues = parsed.success
    ? []
    : parsed.error.issues.flatMap((issue) =>
        definition.verbatim?.includes(String(issue.path[0])) ? [issue] : real(issue, node.config),
      );
  const config = parsed.success ? parsed.data : node.config;
  return {
    node,
    path,
    definition,
    configIssues: explainIssues(definition.config, node.config, issues).map((issue) => ({
      path: issue.path,
      issue,
    })),
    ports: issues.length > 0 ? undefined : attempt(() => texts(definition.ports(config))),
    requirements: issues.length > 0 ? {} : requirementsOf(definition, config),
  };
}

function requirementsOf(definition: NodeDefinition, config: unknown): Requirements {
  const required = attempt(() => definition.requires?.(config)) ?? {};
  const { expressions, conversation = false, ...lists } = required;
  return {
    conversation,
    ...Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, texts(list)])),
    expressions: (expressions ?? []).filter(({ source }) => typeof source === "string"),
  };
}

/** With a template in the place of a list or object, a definition reads undefined. */
function texts(list: readonly unknown[] | undefined): string[] {
  return (list ?? []).filter((one) => typeof one === "string");
}

/** A config with templates in unusual places may be more than a definition can read. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

type ZodIssue = z.core.$ZodIssue;

/** Leaves out what a template may still put right: it has its value only when the step runs. */
function real(issue: ZodIssue, config: unknown): ZodIssue[] {
  const value = valueAt(config, issue.path);
  if (typeof value === "string" && hasTemplate(value)) return [];
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return [issue];
  const branches = issue.errors.map((errors) => errors.flatMap((one) => real(one, value)));
  if (branches.some((errors) => errors.length === 0)) return [];
  return [{ ...issue, errors: branches } as ZodIssue];
}
