import { suggest } from "../nearest.ts";
import { toLayoutNode } from "../scopes.ts";
import type { BlueprintCheck, NodeView, Report, WorkflowView } from "./check.ts";
import { type FieldState, outputSchemaOf, stateOf } from "./fields.ts";
import { type TemplateUse, templateUses } from "./template-uses.ts";

const roots = ["input", "steps", "vars", "run", "secrets"];

/** Expressions parse, and read only what is there when they run. */
export const checkTemplates: BlueprintCheck = ({ blueprint, workflows }, report) => {
  for (const view of workflows) {
    const functions = new Map(blueprint.functions.map((one) => [one.name, one.output]));
    const checkPath = pathChecker(view, functions, report);
    for (const use of templateUses(view)) {
      if (use.problem) report({ ...use.problem, path: use.path });
      for (const { path, optional } of use.paths) checkPath(use, path, optional);
    }
  }
};

type Path = readonly (string | number)[];

function pathChecker(
  view: WorkflowView,
  functions: ReadonlyMap<string, unknown>,
  report: Report,
): (use: TemplateUse, path: Path, optional: boolean) => void {
  return (use, path, optional) => {
    const root = String(path[0]);
    const names = namesAround(view, use);
    if (names.includes(root)) return;
    if (!roots.includes(root)) {
      report({
        code: "template.unknown-name",
        path: use.path,
        message: `\`${use.source.slice(0, 120)}\` reads "${root}", which does not exist.`,
        fix: () => suggest(root, [...roots, ...names], "name"),
      });
    } else if (root === "input") {
      reportField(stateOf(view.workflow.input, path.slice(1)), use, { path, optional, report });
    } else if (root === "steps" && path.length > 1) {
      const step = checkStep(view, use, { path, optional, report });
      if (!step || path.length < 4 || path[2] !== "output") return;
      const state = stateOf(outputSchemaOf(step, functions, view.workflow.input), path.slice(3));
      reportField(state === "maybe" ? "known" : state, use, { path, optional, report });
    }
  };
}

/** What the scopes around an expression give beside the roots, and names of its own. */
function namesAround({ layout, byId }: WorkflowView, { node, expression }: TemplateUse): string[] {
  if (!node) return [];
  const names = [...(expression?.names ?? []), ...(expression?.inside ? namesOf(node) : [])];
  for (let home = layout.homes.get(node.node.id); home; home = layout.homes.get(home.owner)) {
    names.push(...namesOf(byId.get(home.owner)));
  }
  return names;
}

function namesOf(view: NodeView | undefined): readonly string[] {
  if (!view?.definition?.scope?.names) return [];
  return view.definition.scope.names(toLayoutNode(view.node, view.definition).config);
}

interface Reading {
  readonly path: Path;
  readonly optional: boolean;
  readonly report: Report;
}

/** The step that `steps.<id>...` reads, if it exists and can have run. */
function checkStep(view: WorkflowView, use: TemplateUse, reading: Reading): NodeView | undefined {
  const { path, optional, report } = reading;
  const id = String(path[1]);
  const step = view.byId.get(id);
  if (!step) {
    report({
      code: "template.unknown-step",
      path: use.path,
      message: `\`${use.source.slice(0, 120)}\` reads step "${id.slice(0, 60)}", which does not exist.`,
      fix: () => suggest(id, [...view.byId.keys()], "step"),
    });
    return undefined;
  }
  const reader = use.node?.node.id;
  const isOwn = use.expression?.inside === true && view.layout.homes.get(id)?.owner === reader;
  if (isOwn) return step;
  if (reader !== undefined && !view.graph.upstream(reader).has(id)) {
    report({
      code: "template.step-not-before",
      path: use.path,
      message: `Node "${reader}" reads step "${id}", which does not run before it.`,
      fix: `Lead an edge from "${id}" towards "${reader}", or read another step.`,
    });
    return undefined;
  }
  if (path.length > 2 && path[2] !== "output" && path[2] !== "port") {
    report({
      code: "template.unknown-field",
      path: use.path,
      message: `\`${use.source.slice(0, 120)}\` reads "${String(path[2])}" of step "${id}"; a step has "output" and "port".`,
      fix: `Write steps.${id}.output.${String(path[2])}.`,
    });
    return undefined;
  }
  const sure = reader === undefined ? view.graph.certain.has(id) : view.graph.always(id, reader);
  if (!sure && !optional && !guarded(use, id)) {
    report({
      severity: "warning",
      code: "template.step-may-be-skipped",
      path: use.path,
      message: `\`${use.source.slice(0, 120)}\` reads step "${id}", which does not run on every way here.`,
      fix: `Write default(${path.join(".")}, otherwise), or test it with has(steps.${id}).`,
    });
  }
  return step;
}

/** The same expression tests for the step first. */
function guarded({ paths }: TemplateUse, id: string): boolean {
  return paths.some(({ path, optional }) => optional && path[0] === "steps" && path[1] === id);
}

function reportField(state: FieldState, use: TemplateUse, reading: Reading): void {
  const { path, optional, report } = reading;
  const shown = path.join(".");
  if (state === "unknown") {
    report({
      code: "template.unknown-field",
      path: use.path,
      message: `\`${use.source.slice(0, 120)}\` reads "${shown}", which is not in the schema.`,
      fix: "Read a field that the schema has, or add it there.",
    });
  } else if (state === "maybe" && !optional) {
    report({
      severity: "warning",
      code: "template.field-may-be-missing",
      path: use.path,
      message: `\`${use.source.slice(0, 120)}\` reads "${shown}", which the input need not have.`,
      fix: `Write default(${shown}, otherwise), or make it required in the workflow's input.`,
    });
  }
}
