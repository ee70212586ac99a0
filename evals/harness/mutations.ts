import type { Mutation } from "./builder.ts";

/**
 * Plausible but wrong deployments. Each keeps the document valid and takes its tests away, so that
 * only the world can tell; a task that still passes does not measure what it says.
 */
export const mutations: Readonly<Record<string, Mutation>> = {
  /** Everything runs, nobody is told. */
  "drop-messages": withoutTests((blueprint) => {
    for (const workflow of blueprint.workflows ?? []) {
      for (const node of workflow.nodes) {
        if (node.type !== "send_message" && node.type !== "mcp_tool") continue;
        node.type = "action";
        node.config = { set: { name: "dropped", value: true } };
      }
    }
    return blueprint;
  }),
  /** Every condition decides the other way round. */
  "swap-branches": withoutTests((blueprint) => {
    for (const workflow of blueprint.workflows ?? []) {
      for (const node of workflow.nodes.filter((one) => one.type === "logic")) {
        const edges = workflow.edges.filter((edge) => edge.from === node.id);
        const ports = (node.config["cases"] as { port: string }[]).map((one) => one.port);
        for (const edge of edges) edge.port = edge.port === "else" ? (ports[0] ?? "else") : "else";
      }
    }
    return blueprint;
  }),
};

function withoutTests(mutation: Mutation): Mutation {
  return (blueprint) => ({ ...mutation(blueprint), tests: [] });
}
