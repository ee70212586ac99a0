import { AerostackError } from "../error.ts";
import { checkExpression } from "../expression.ts";
import type { ConfigExpression } from "../node.ts";
import type { ExpressionPath } from "../expressions/paths.ts";
import { hasTemplate, templateParts } from "../template.ts";
import type { NodeView, WorkflowView } from "./check.ts";
import { formatPath } from "./path.ts";

/** One expression of a workflow, in a template or evaluated as it is. */
export interface TemplateUse {
  /** Undefined: in the workflow's own `output`. */
  readonly node: NodeView | undefined;
  /** Where it stands in the blueprint. */
  readonly path: string;
  readonly source: string;
  /** For an expression of the config. */
  readonly expression?: ConfigExpression;
  readonly problem?: { readonly code: string; readonly message: string; readonly fix: string };
  /** What it reads. */
  readonly paths: readonly ExpressionPath[];
}

const known = new WeakMap<WorkflowView, readonly TemplateUse[]>();

/** Every expression of a workflow; worked out once, as several checks read it. */
export function templateUses(view: WorkflowView): readonly TemplateUse[] {
  const before = known.get(view);
  if (before) return before;
  const uses: TemplateUse[] = [];
  for (const node of view.nodes) collectNode(node, uses);
  collect(view.workflow.output, `${view.path}.output`, { node: undefined, uses });
  known.set(view, uses);
  return uses;
}

function collectNode(node: NodeView, uses: TemplateUse[]): void {
  const verbatim = node.definition?.verbatim ?? [];
  for (const [field, value] of Object.entries(node.node.config)) {
    if (verbatim.includes(field)) continue;
    collect(value, formatPath([field], `${node.path}.config`), { node, uses });
  }
  for (const expression of node.requirements.expressions ?? []) {
    const use = expressionUse(expression.source, `${node.path}.config.${expression.path}`, node);
    uses.push({ ...use, expression });
  }
}

interface Collection {
  readonly node: NodeView | undefined;
  readonly uses: TemplateUse[];
}

function collect(value: unknown, path: string, collection: Collection): void {
  if (typeof value === "string") {
    if (hasTemplate(value)) collectText(value, path, collection);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  const entries: [PropertyKey, unknown][] = Array.isArray(value)
    ? value.map((item: unknown, index) => [index, item])
    : Object.entries(value);
  for (const [key, item] of entries) collect(item, formatPath([key], path), collection);
}

function collectText(text: string, path: string, { node, uses }: Collection): void {
  try {
    for (const part of templateParts(text)) {
      if (part.kind === "expression") uses.push(expressionUse(part.source, path, node));
    }
  } catch (error) {
    if (!(error instanceof AerostackError)) throw error;
    const { code, message, fix = "Correct the template." } = error;
    uses.push({ node, path, source: text, problem: { code, message, fix }, paths: [] });
  }
}

function expressionUse(source: string, path: string, node: NodeView | undefined): TemplateUse {
  const { problem, paths } = checkExpression(source);
  if (!problem) return { node, path, source, paths };
  const fix = source.includes("{{") ? "Leave out the braces: this is an expression." : problem.fix;
  return {
    node,
    path,
    source,
    problem: { code: "expression.syntax", message: problem.message, fix },
    paths,
  };
}
