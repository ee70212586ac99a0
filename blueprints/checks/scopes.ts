import { suggest } from "../nearest.ts";
import { failurePort } from "../node-scope.ts";
import { bodyPorts, type Home, toLayoutNode } from "../scopes.ts";
import type { BlueprintCheck, Report, WorkflowView } from "./check.ts";

/** Bodies are entered by one way only, and what a node covers or undoes with exists beside it. */
export const checkScopes: BlueprintCheck = ({ workflows }, report) => {
  for (const view of workflows) {
    checkCrossings(view, report);
    checkBodies(view, report);
    checkImplied(view, report);
  }
};

function placeOf(home: Home | undefined): string {
  return home ? `inside "${home.owner}" (port "${home.port}")` : "outside";
}

function checkCrossings({ layout, byId }: WorkflowView, report: Report): void {
  for (const { node, homes } of layout.crossings) {
    const [one, other] = homes;
    const owner = one?.owner ?? other?.owner ?? "";
    report({
      code: "workflow.scope-crossed",
      path: byId.get(node)?.path ?? "",
      message: `Node "${node}" is reached ${placeOf(one)} and ${placeOf(other)}.`,
      fix: `Lead to it from a port of "${owner}" that goes on after the scope, or give each side a node of its own.`,
    });
  }
}

/** A body without a step does nothing. */
function checkBodies({ layout, nodes, path }: WorkflowView, report: Report): void {
  const connected = new Set(layout.edges.map(({ from, port }) => `${from} ${port}`));
  for (const { node, definition } of nodes) {
    if (!definition?.scope) continue;
    for (const port of bodyPorts(toLayoutNode(node, definition))) {
      if (connected.has(`${node.id} ${port}`)) continue;
      report({
        severity: "warning",
        code: "workflow.empty-body",
        path,
        message: `Nothing follows port "${port}" of node "${node.id}": that body does nothing.`,
        fix: `Add an edge {"from": "${node.id}", "port": "${port}", "to": ...}.`,
      });
    }
  }
}

function checkImplied({ nodes, byId, layout }: WorkflowView, report: Report): void {
  for (const { node, path, definition, configIssues } of nodes) {
    if (!definition?.scope?.implies || configIssues.length > 0) continue;
    const { config } = toLayoutNode(node, definition);
    for (const { from, to, port, undoes } of definition.scope.implies(node.id, config)) {
      const named = [from, to, ...(undoes === undefined ? [] : [undoes])];
      const missing = named.find((id) => !byId.has(id));
      if (missing !== undefined) {
        report({
          code: "workflow.unknown-covered",
          path: `${path}.config`,
          message: `Node "${node.id}" names "${missing}", which does not exist.`,
          fix: () => suggest(missing, [...byId.keys()], "node"),
        });
      } else if (port === failurePort && !isBeside(layout.homes, from, to)) {
        report({
          code: "workflow.covered-elsewhere",
          path: `${path}.config`,
          message: `Node "${node.id}" covers "${from}", which is ${placeOf(layout.homes.get(from))}.`,
          fix: "Cover the node around it, or put this one beside it.",
        });
      }
    }
  }
}

function isBeside(
  homes: ReadonlyMap<string, Home | undefined>,
  one: string,
  other: string,
): boolean {
  const [first, second] = [homes.get(one), homes.get(other)];
  return first?.owner === second?.owner && first?.port === second?.port;
}
