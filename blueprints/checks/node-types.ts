import { suggest } from "../nearest.ts";
import type { BlueprintCheck } from "./check.ts";

/** Every node has a type of the catalogue. */
export const checkNodeTypes: BlueprintCheck = ({ catalogue, workflows }, report) => {
  for (const { node, path, definition } of workflows.flatMap(({ nodes }) => nodes)) {
    if (definition) continue;
    report({
      code: "workflow.unknown-node",
      path: `${path}.type`,
      message: `There is no node type "${node.type.slice(0, 60)}".`,
      fix: () => suggest(node.type, Object.keys(catalogue), "node type"),
    });
  }
};
