import { suggest } from "../nearest.ts";
import { bodyPorts, toLayoutNode } from "../scopes.ts";
import type { BlueprintCheck, Report, WorkflowView } from "./check.ts";

/** Edges join nodes that exist, from ports that exist, and no branch is forgotten. */
export const checkEdges: BlueprintCheck = ({ workflows }, report) => {
  for (const view of workflows) {
    checkEnds(view, report);
    checkOpenPorts(view, report);
  }
};

function checkEnds({ workflow, path, byId }: WorkflowView, report: Report): void {
  const seen = new Set<string>();
  workflow.edges.forEach((edge, index) => {
    const here = `${path}.edges[${index}]`;
    for (const end of ["from", "to"] as const) {
      if (byId.has(edge[end])) continue;
      report({
        code: "workflow.unknown-edge-end",
        path: `${here}.${end}`,
        message: `An edge goes ${end} "${edge[end].slice(0, 60)}", which is no node of "${workflow.name}".`,
        fix: () => suggest(edge[end], [...byId.keys()], "node"),
      });
    }
    const ports = byId.get(edge.from)?.ports;
    if (ports && !ports.includes(edge.port)) {
      report({
        code: "workflow.unknown-port",
        path: `${here}.port`,
        message: `Node "${edge.from}" has no port "${edge.port.slice(0, 60)}".`,
        fix: () => suggest(edge.port, ports, "port"),
      });
    }
    const key = JSON.stringify([edge.from, edge.port, edge.to]);
    if (seen.has(key)) {
      report({
        code: "workflow.duplicate-edge",
        path: here,
        message: `The edge from "${edge.from}" (${edge.port}) to "${edge.to}" stands here twice.`,
        fix: "Remove one of them.",
      });
    }
    seen.add(key);
  });
}

/** A port without an edge ends the run there: fine, but rarely meant for a named case. */
function checkOpenPorts({ workflow, path, nodes }: WorkflowView, report: Report): void {
  const connected = new Set(workflow.edges.map(({ from, port }) => `${from} ${port}`));
  for (const { node, ports, definition } of nodes) {
    if (!ports || ports.length < 2) continue;
    const bodies = bodyPorts(toLayoutNode(node, definition));
    for (const port of ports.slice(0, -1).filter((one) => !bodies.includes(one))) {
      if (connected.has(`${node.id} ${port}`)) continue;
      report({
        severity: "warning",
        code: "workflow.open-port",
        path,
        message: `Nothing follows port "${port}" of node "${node.id}": the run ends there.`,
        fix: `Add an edge {"from": "${node.id}", "port": "${port}", "to": ...} if something should happen.`,
      });
    }
  }
}
