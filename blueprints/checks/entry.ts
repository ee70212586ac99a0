import { entryType } from "../node.ts";
import type { BlueprintCheck } from "./check.ts";

/** A workflow begins in exactly one place, and nothing leads back to it. */
export const checkEntry: BlueprintCheck = ({ workflows }, report) => {
  for (const { workflow, path } of workflows) {
    const entries = workflow.nodes.filter(({ type }) => type === entryType);
    if (entries.length === 0) {
      report({
        code: "workflow.no-trigger",
        path: `${path}.nodes`,
        message: `Workflow "${workflow.name}" has no ${entryType} node.`,
        fix: `Add {"id": "start", "type": "${entryType}"} and an edge from it to the first step.`,
      });
    }
    for (const extra of entries.slice(1)) {
      report({
        code: "workflow.several-triggers",
        path: `${path}.nodes[${workflow.nodes.indexOf(extra)}]`,
        message: `Workflow "${workflow.name}" has a second ${entryType} node, "${extra.id}".`,
        fix: "Remove it, or give it a workflow of its own.",
      });
    }
    const ids = new Set(entries.map(({ id }) => id));
    workflow.edges.forEach((edge, index) => {
      if (!ids.has(edge.to)) return;
      report({
        code: "workflow.edge-into-trigger",
        path: `${path}.edges[${index}].to`,
        message: `An edge leads from "${edge.from}" back to the ${entryType} "${edge.to}".`,
        fix: "Lead it to the first step, or remove it.",
      });
    });
  }
};
