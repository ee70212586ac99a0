import type { Blueprint, Workflow, WorkflowNode } from "../blueprint.ts";
import type { NodeCatalogue } from "../catalogue.ts";
import type { Issue } from "../issue.ts";
import type { NodeDefinition, Requirements } from "../node.ts";
import type { Layout } from "../scopes.ts";
import type { Graph } from "./graph.ts";

/**
 * One thing that can be wrong with a blueprint: a file in `blueprints/checks/`, listed in `index.ts`.
 * It reads the subject and reports; it never throws and never changes anything. Its codes are static.
 */
export type BlueprintCheck = (subject: CheckSubject, report: Report) => void;

/** Takes one issue; `fix` may be a function, called only for issues that are kept. */
export type Report = (issue: {
  readonly severity?: Issue["severity"];
  readonly code: string;
  readonly path: string;
  readonly message: string;
  readonly fix: string | (() => string);
}) => void;

/** A blueprint that fits the schema, with what the checks would all work out again. */
export interface CheckSubject {
  readonly blueprint: Blueprint;
  readonly catalogue: NodeCatalogue;
  readonly known: KnownResources;
  readonly workflows: readonly WorkflowView[];
}

/** What the workspace has already, by name; a blueprint may refer to it. */
export interface KnownResources {
  readonly functions?: readonly string[];
  readonly workflows?: readonly string[];
  readonly bots?: readonly string[];
  /** Aliases of linked MCP servers. */
  readonly mcps?: readonly string[];
  readonly secrets?: readonly string[];
  /** What a bot needs on each chat platform that there is; absent: not known. */
  readonly platforms?: Readonly<Record<string, readonly PlatformNeed[]>>;
}

/** A secret of a chat platform, under its usual name; without hosts it never leaves. */
export interface PlatformNeed {
  readonly name: string;
  readonly purpose: string;
  readonly hosts?: readonly string[];
}

export interface WorkflowView {
  readonly workflow: Workflow;
  /** `workflows[0]` */
  readonly path: string;
  readonly nodes: readonly NodeView[];
  readonly byId: ReadonlyMap<string, NodeView>;
  readonly graph: Graph;
  /** How the nodes nest. */
  readonly layout: Layout;
}

export interface NodeView {
  readonly node: WorkflowNode;
  /** `workflows[0].nodes[2]` */
  readonly path: string;
  /** Undefined: no such node type. */
  readonly definition: NodeDefinition | undefined;
  /** What is wrong with the config, templates being taken for anything. */
  readonly configIssues: readonly { readonly path: PropertyKey[]; readonly issue: ConfigIssue }[];
  /** Undefined: the config is too broken to tell. */
  readonly ports: readonly string[] | undefined;
  readonly requirements: Requirements;
}

interface ConfigIssue {
  readonly message: string;
  readonly fix: string;
}
