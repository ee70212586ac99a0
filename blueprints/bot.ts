import type { Workflow } from "./blueprint.ts";
import { entryType } from "./node.ts";

/** A bot is a workflow that takes a turn of a conversation: its trigger's `source` is `bot`. */
export function isBot({ nodes }: Pick<Workflow, "nodes">): boolean {
  return nodes.some(({ type, config }) => type === entryType && config["source"] === "bot");
}
