import { registryReference } from "../blueprint.ts";
import { suggest } from "../nearest.ts";
import type { BlueprintCheck, CheckSubject, Report } from "./check.ts";

/** What items and steps refer to exists: in the blueprint, the workspace or the marketplace. */
export const checkReferences: BlueprintCheck = (subject, report) => {
  const { blueprint, known, workflows } = subject;
  const functions = [
    ...blueprint.functions.map(({ name }) => name),
    ...blueprint.skills.map(({ name }) => name),
    ...(known.functions ?? []),
  ];
  const flows = [...blueprint.workflows.map(({ name }) => name), ...(known.workflows ?? [])];
  const bots = [...blueprint.bots.map(({ name }) => name), ...(known.bots ?? [])];
  const need = wanted(report);
  for (const { path, requirements } of workflows.flatMap(({ nodes }) => nodes)) {
    for (const name of requirements.functions ?? []) {
      if (!isReference(name)) need("function", name, functions, `${path}.config`);
    }
  }
  checkTools(subject, report);
  blueprint.skills.forEach((skill, index) => {
    skill.functions.forEach((name, at) => {
      if (isReference(name)) return;
      need("function", name, functions, `skills[${index}].functions[${at}]`);
    });
  });
  for (const list of ["endpoints", "webhooks", "schedules"] as const) {
    blueprint[list].forEach(({ workflow }, index) => {
      need("workflow", workflow, flows, `${list}[${index}].workflow`);
    });
  }
  blueprint.bots.forEach(({ workflow }, index) => {
    if (workflow !== undefined) need("workflow", workflow, flows, `bots[${index}].workflow`);
  });
  blueprint.teams.forEach((team, index) => {
    team.bots.forEach((name, at) => need("bot", name, bots, `teams[${index}].bots[${at}]`));
  });
};

function isReference(name: string): boolean {
  return registryReference.safeParse(name).success;
}

function wanted(report: Report) {
  return (kind: string, name: string, names: readonly string[], path: string): void => {
    if (names.includes(name)) return;
    report({
      code: `reference.unknown-${kind}`,
      path,
      message: `There is no ${kind} "${name.slice(0, 80)}".`,
      fix: () =>
        name.startsWith("@")
          ? "Write marketplace entries as @user/name@1.2.3."
          : suggest(name, names, kind),
    });
  };
}

/** `<alias>__<tool>`: the alias is a linked server; where it lists its tools, the tool is among them. */
function checkTools({ blueprint, known, workflows }: CheckSubject, report: Report): void {
  const aliases = [...blueprint.mcps.map(({ name }) => name), ...(known.mcps ?? [])];
  const own = new Map(blueprint.mcps.map((mcp) => [mcp.name, mcp]));
  for (const { path, requirements } of workflows.flatMap(({ nodes }) => nodes)) {
    for (const tool of requirements.tools ?? []) {
      const alias = aliases.find((one) => tool.startsWith(`${one}__`));
      // A linked server may have the empty alias, and functions are tools too.
      const functions = [
        ...blueprint.functions.map(({ name }) => name),
        ...(known.functions ?? []),
      ];
      if (alias === undefined && !(known.mcps?.includes("") || functions.includes(tool))) {
        report({
          code: "reference.unknown-mcp",
          path: `${path}.config`,
          message: `No linked MCP server gives the tool "${tool.slice(0, 80)}".`,
          fix: () => suggest(tool.split("__")[0] ?? tool, aliases, "server in `mcps`"),
        });
      }
      const listed = alias === undefined ? undefined : own.get(alias)?.tools;
      const name = tool.slice((alias?.length ?? 0) + 2);
      if (listed && !listed.includes(name)) {
        report({
          code: "reference.unknown-tool",
          path: `${path}.config`,
          message: `The server "${alias}" does not allow its tool "${name}".`,
          fix: () => suggest(name, listed, "tool in the server's `tools`"),
        });
      }
    }
  }
}
