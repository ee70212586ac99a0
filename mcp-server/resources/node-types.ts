import { z } from "zod";
import { nodes } from "#edge/nodes/index";
import type { ResourceDefinition } from "../resource.ts";

export const nodeTypes: ResourceDefinition = {
  uri: "aerostack://node-types",
  name: "node-types",
  title: "Workflow node types",
  description: "Every node type with its config and output schema and examples.",
  mimeType: "application/json",
  text: () =>
    JSON.stringify({
      node_types: Object.values(nodes).map((node) => ({
        type: node.type,
        title: node.title,
        summary: node.summary,
        description: node.description,
        config: z.toJSONSchema(node.config, { io: "input", unrepresentable: "any" }),
        output: z.toJSONSchema(node.output, { io: "input", unrepresentable: "any" }),
        examples: node.examples,
      })),
    }),
};
