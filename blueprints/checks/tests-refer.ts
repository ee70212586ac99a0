import { suggest } from "../nearest.ts";
import type { BlueprintCheck, Report, WorkflowView } from "./check.ts";
import type { BlueprintTest } from "../blueprint.ts";

const listOf = { workflow: "workflows", function: "functions", mcp: "mcps" } as const;

/** Tests have a target of this blueprint, name nodes that exist, and expect something. */
export const checkTests: BlueprintCheck = ({ blueprint, workflows }, report) => {
  blueprint.tests.forEach((test, index) => {
    const path = `tests[${index}]`;
    const { kind, name } = test.target;
    const names = blueprint[listOf[kind]].map((item) => item.name);
    if (!names.includes(name)) {
      report({
        code: "test.unknown-target",
        path: `${path}.target.name`,
        message: `Test "${test.name}" is about the ${kind} "${name.slice(0, 60)}", which does not exist.`,
        fix: () => suggest(name, names, kind),
      });
    }
    if (Object.keys(test.expect).length === 0) {
      report({
        code: "test.expects-nothing",
        path: `${path}.expect`,
        message: `Test "${test.name}" expects nothing, so it cannot fail.`,
        fix: "Expect an output, visited nodes, effects, no_effects or an error.",
      });
    }
    const view =
      kind === "workflow" ? workflows.find((one) => one.workflow.name === name) : undefined;
    if (view) checkNodes(test, { path, view, report });
  });
};

interface Place {
  readonly path: string;
  readonly view: WorkflowView;
  readonly report: Report;
}

function checkNodes({ name, expect }: BlueprintTest, { path, view, report }: Place): void {
  const named = [
    ...(expect.visited ?? []).map((id, index) => ({ id, at: `visited[${index}]` })),
    ...(expect.not_visited ?? []).map((id, index) => ({ id, at: `not_visited[${index}]` })),
    ...(expect.effects ?? []).map(({ node }, index) => ({
      id: node,
      at: `effects[${index}].node`,
    })),
  ];
  for (const { id, at } of named) {
    if (view.byId.has(id)) continue;
    report({
      code: "test.unknown-node",
      path: `${path}.expect.${at}`,
      message: `Test "${name}" names node "${id.slice(0, 60)}", which "${view.workflow.name}" does not have.`,
      fix: () => suggest(id, [...view.byId.keys()], "node"),
    });
  }
}
