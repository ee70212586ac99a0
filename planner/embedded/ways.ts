import type { NodeCatalogue } from "#blueprints/catalogue";

/** One way to write a kind of step; `needs` are the node types that it puts into the graph. */
export interface Way<Write> {
  readonly needs: readonly string[];
  readonly write: Write;
}

/**
 * The first way whose node types all exist. To make use of a new node type, put a way before the
 * others. When none fits, the last is taken: what it writes is left out later, with a warning.
 */
export function bestWay<Write>(
  catalogue: NodeCatalogue,
  ways: readonly [Way<Write>, ...Way<Write>[]],
): Write {
  const fits = ways.find(({ needs }) => needs.every((type) => Object.hasOwn(catalogue, type)));
  return (fits ?? ways.at(-1) ?? ways[0]).write;
}
