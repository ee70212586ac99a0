import { resourceKinds } from "../blueprint.ts";
import type { BlueprintCheck } from "./check.ts";

/** Items of one kind, secrets and the nodes of a workflow have names of their own. */
export const checkNames: BlueprintCheck = ({ blueprint, workflows }, report) => {
  const duplicates = (path: string, names: readonly string[], what: string): void => {
    const seen = new Set<string>();
    names.forEach((name, index) => {
      if (seen.has(name)) {
        report({
          code: "blueprint.duplicate-name",
          path: `${path}[${index}]`,
          message: `There are two ${what} named "${name}".`,
          fix: "Rename one of them, and what refers to it.",
        });
      }
      seen.add(name);
    });
  };
  for (const list of Object.values(resourceKinds)) {
    duplicates(
      list,
      blueprint[list].map(({ name }) => name),
      list,
    );
  }
  duplicates(
    "secrets",
    blueprint.secrets.map(({ name }) => name),
    "secrets",
  );
  duplicates(
    "tests",
    blueprint.tests.map(({ name }) => name),
    "tests",
  );
  for (const { path, workflow } of workflows) {
    duplicates(
      `${path}.nodes`,
      workflow.nodes.map(({ id }) => id),
      "nodes",
    );
  }
  const functions = new Set(blueprint.functions.map(({ name }) => name));
  blueprint.skills.forEach(({ name }, index) => {
    if (!functions.has(name)) return;
    report({
      code: "blueprint.duplicate-name",
      path: `skills[${index}].name`,
      message: `A function and a skill are both named "${name}".`,
      fix: "Rename the skill: steps call functions and skills by the same field.",
    });
  });
};
