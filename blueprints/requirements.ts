import type { Workflow } from "./blueprint.ts";
import type { NodeCatalogue } from "./catalogue.ts";
import { createWorkflowView } from "./checks/subject.ts";
import { templateUses } from "./checks/template-uses.ts";
import type { Requirements } from "./node.ts";

/** What all steps of a workflow refer to, each once. */
export type WorkflowRequirements = Required<Omit<Requirements, "expressions" | "conversation">>;

/**
 * What the steps of a workflow need, as their node types say, and the secrets that their templates
 * name (`{{ secrets.NAME }}`), the workflow's `output` included.
 */
export function workflowRequirements(
  workflow: Workflow,
  catalogue: NodeCatalogue,
): WorkflowRequirements {
  const view = createWorkflowView(workflow, "", catalogue);
  const named = templateUses(view).flatMap(({ paths }) =>
    paths.flatMap(({ path: [root, name] }) =>
      root === "secrets" && typeof name === "string" ? [name] : [],
    ),
  );
  const all = (kind: keyof WorkflowRequirements): string[] =>
    view.nodes.flatMap(({ requirements }) => requirements[kind] ?? []);
  return {
    secrets: [...new Set([...all("secrets"), ...named])],
    hosts: [...new Set(all("hosts"))],
    functions: [...new Set(all("functions"))],
    workflows: [...new Set(all("workflows"))],
    bots: [...new Set(all("bots"))],
    tools: [...new Set(all("tools"))],
  };
}
