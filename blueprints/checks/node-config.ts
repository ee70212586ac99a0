import type { BlueprintCheck } from "./check.ts";
import { formatPath } from "./path.ts";

/** The config of every node fits its type's schema; a template may stand for any value. */
export const checkNodeConfig: BlueprintCheck = ({ workflows }, report) => {
  for (const { node, path, configIssues } of workflows.flatMap(({ nodes }) => nodes)) {
    for (const { path: inside, issue } of configIssues) {
      report({
        code: "workflow.invalid-config",
        path: formatPath(inside, `${path}.config`),
        message: `Node "${node.id}": ${issue.message}`,
        fix: issue.fix,
      });
    }
  }
};
