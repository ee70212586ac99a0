import type { Blueprint, Workflow } from "#blueprints/blueprint";
import { workflowRequirements, type WorkflowRequirements } from "#blueprints/requirements";
import { nodes } from "#edge/nodes/index";

/** What the nodes of a workflow refer to, as the node types themselves say. */
export function requirementsOf(workflow: Workflow): WorkflowRequirements {
  return workflowRequirements(workflow, nodes);
}

/** The marketplace entries that a blueprint takes something from, `@user/name@1.0.0`. */
export function entriesUsedBy(blueprint: Blueprint): string[] {
  const used = [...blueprint.functions, ...blueprint.skills, ...blueprint.mcps].flatMap((item) =>
    item.use === undefined ? [] : [item.use],
  );
  const called = blueprint.workflows.flatMap((workflow) => requirementsOf(workflow).functions);
  const listed = blueprint.skills.flatMap((skill) => skill.functions);
  return unique([...used, ...called.filter(isReference), ...listed.filter(isReference)]);
}

/** `@user/name@1.0.0` rather than a name of the workspace. */
export function isReference(name: string): boolean {
  return name.startsWith("@");
}

/**
 * What has to be there for these final tool names: `fn__score` is a function, `skill__triage` a
 * skill, `crm__find` a tool of the server `crm`, and a bare name one of the server without alias.
 */
export function ownersOf(
  tools: readonly string[],
): Record<"functions" | "skills" | "mcps", string[]> {
  const owners = { functions: [] as string[], skills: [] as string[], mcps: [] as string[] };
  for (const tool of tools) {
    const end = tool.indexOf("__");
    const alias = end < 0 ? "" : tool.slice(0, end);
    if (alias === "fn") owners.functions.push(tool.slice(end + 2));
    else if (alias === "skill") owners.skills.push(tool.slice(end + 2));
    else owners.mcps.push(alias);
  }
  return owners;
}

export function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
