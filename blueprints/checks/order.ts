import { entryType } from "../node.ts";
import type { BlueprintCheck } from "./check.ts";

/** Every node is reached, and no path comes back to where it was. */
export const checkOrder: BlueprintCheck = ({ workflows }, report) => {
  for (const { workflow, path, nodes, graph } of workflows) {
    if (graph.cycle) {
      const trail = [...graph.cycle, graph.cycle[0]].map((id) => `"${id}"`).join(" -> ");
      report({
        code: "workflow.cycle",
        path: `${path}.edges`,
        message: `The edges lead in a circle: ${trail}.`,
        fix: "Remove one of these edges; repeat steps with a `loop` node, whose body may lead back to it.",
      });
    }
    if (!workflow.nodes.some(({ type }) => type === entryType)) continue;
    for (const { node, path: here } of nodes) {
      if (graph.reachable.has(node.id) || node.type === entryType) continue;
      report({
        code: "workflow.unreachable",
        path: here,
        message: `No edge leads to node "${node.id}".`,
        fix: `Add an edge {"from": ..., "to": "${node.id}"}, or remove the node.`,
      });
    }
  }
};
