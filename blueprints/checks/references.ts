import { registryReference } from "../blueprint.ts";
import { isBot } from "../bot.ts";
import { suggest } from "../nearest.ts";
import { hasTemplate } from "../template.ts";
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
      if (!isReference(name) && !hasTemplate(name))
        need("function", name, functions, `${path}.config`);
    }
    for (const name of requirements.workflows ?? []) {
      if (!hasTemplate(name)) need("workflow", name, flows, `${path}.config.workflow`);
    }
  }
  checkTools(subject, report);
  checkDelegates(subject, report);
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

/** Whom a step delegates to is a workflow that talks: a bot's name alone runs nothing. */
function checkDelegates({ blueprint, known, workflows }: CheckSubject, report: Report): void {
  const bots = [
    ...blueprint.workflows.filter(isBot).map(({ name }) => name),
    ...(known.bots ?? []),
  ];
  for (const { path, requirements } of workflows.flatMap(({ nodes }) => nodes)) {
    for (const name of requirements.bots ?? []) {
      if (hasTemplate(name) || bots.includes(name)) continue;
      const where = `${path}.config.bot`;
      const flow = blueprint.workflows.find((one) => one.name === name);
      const runs = blueprint.bots.find((one) => one.name === name)?.workflow;
      if (flow) {
        report({
          code: "reference.not-a-bot",
          path: where,
          message: `The workflow "${name}" is not a bot: its trigger has another source.`,
          fix: `Set "source": "bot" in the trigger of "${name}", or run it with call_function.`,
        });
      } else if (runs !== undefined && bots.includes(runs)) {
        report({
          code: "reference.unknown-bot",
          path: where,
          message: `The bot "${name}" is run by the workflow "${runs}".`,
          fix: `Name the workflow: "bot": "${runs}".`,
        });
      } else wanted(report)("bot", name, bots, where);
    }
  }
}

/**
 * `<alias>__<tool>`: the alias is a linked server; where that lists its tools, the tool is among them.
 * Functions and skills are tools of the workspace too: `fn__<name>`, `skill__<name>`.
 */
function checkTools({ blueprint, known, workflows }: CheckSubject, report: Report): void {
  const own = new Map(blueprint.mcps.map((mcp) => [mcp.name, mcp]));
  const linked = new Set([...own.keys(), ...(known.mcps ?? [])]);
  const names = {
    fn: [...blueprint.functions.map(({ name }) => name), ...(known.functions ?? [])],
    skill: [...blueprint.skills.map(({ name }) => name), ...(known.functions ?? [])],
  };
  const need = wanted(report);
  for (const { path, requirements } of workflows.flatMap(({ nodes }) => nodes)) {
    for (const tool of requirements.tools ?? []) {
      if (hasTemplate(tool)) continue;
      const [alias, name] = split(tool);
      if (alias === "fn" || alias === "skill") {
        need("function", name, names[alias], `${path}.config`);
        continue;
      }
      if (!linked.has(alias)) {
        report({
          code: "reference.unknown-mcp",
          path: `${path}.config`,
          message: `No linked MCP server gives the tool "${tool.slice(0, 80)}".`,
          fix: () => suggest(alias, [...linked], "server in `mcps`"),
        });
      }
      const listed = own.get(alias)?.tools;
      if (listed && !listed.includes(name)) need("tool", name, listed, `${path}.config`);
    }
  }
}

/** One linked server may have the empty alias: its tools keep their own names. */
function split(tool: string): [alias: string, name: string] {
  const end = tool.indexOf("__");
  return end < 0 ? ["", tool] : [tool.slice(0, end), tool.slice(end + 2)];
}
