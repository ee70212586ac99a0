import type { NodeDefinition } from "./node.ts";

/** The node types that exist, by wire name. The planner and the checks receive it as an argument. */
export type NodeCatalogue = Readonly<Record<string, NodeDefinition>>;
