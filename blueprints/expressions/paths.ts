import type { ASTNode } from "@marcbachmann/cel-js";
import { callOf, children } from "./parse.ts";

/** Something that an expression reads, from the root name on. */
export interface ExpressionPath {
  readonly path: readonly (string | number)[];
  /** Read through `has`, `default` or `.?`: it may be missing. */
  readonly optional: boolean;
}

const binding = new Set(["map", "filter", "all", "exists", "exists_one"]);
const lenient = new Set(["has", "default", "orValue"]);

/** Every path that the tree reads; names bound by `list.map(item, ...)` are left out. */
export function pathsOf(tree: ASTNode): ExpressionPath[] {
  const found: ExpressionPath[] = [];
  collect(tree, { bound: new Set(), optional: false, found });
  return found;
}

interface Sight {
  readonly bound: ReadonlySet<string>;
  readonly optional: boolean;
  readonly found: ExpressionPath[];
}

function collect(node: ASTNode, sight: Sight): void {
  const chain = chainOf(node);
  if (chain) {
    if (!sight.bound.has(String(chain.path[0]))) {
      sight.found.push({ path: chain.path, optional: sight.optional || chain.optional });
    }
    for (const index of chain.indexes) collect(index, sight);
    return;
  }
  const call = callOf(node);
  if (call && binding.has(call.name)) return collectBinding(call.args, sight);
  if (call && lenient.has(call.name)) {
    call.args.forEach((one, index) =>
      collect(one, index === 0 ? { ...sight, optional: true } : sight),
    );
    return;
  }
  if (node.op === "map") {
    for (const [key, value] of node.args) {
      if (key.op !== "id") collect(key, sight);
      collect(value, sight);
    }
    return;
  }
  for (const child of children(node)) collect(child, sight);
}

function collectBinding([list, name, ...rest]: readonly ASTNode[], sight: Sight): void {
  if (list) collect(list, sight);
  const bound = new Set([...sight.bound, name?.op === "id" ? name.args : ""]);
  for (const one of rest) collect(one, { ...sight, bound });
}

interface Chain {
  readonly path: (string | number)[];
  readonly optional: boolean;
  /** Computed indexes on the way; the path ends at the first. */
  readonly indexes: ASTNode[];
}

/** `a.b[0]["c"]` as a path; undefined when the chain does not begin with a name. */
function chainOf(node: ASTNode): Chain | undefined {
  if (node.op === "id") return { path: [node.args], optional: false, indexes: [] };
  if (node.op === "." || node.op === ".?") {
    const chain = chainOf(node.args[0]);
    return chain && extend(chain, node.args[1], node.op === ".?");
  }
  if (node.op !== "[]" && node.op !== "[?]") return undefined;
  const chain = chainOf(node.args[0]);
  const index = node.args[1];
  if (!chain) return undefined;
  if (index.op !== "value") return { ...chain, indexes: [...chain.indexes, index], optional: true };
  const key = typeof index.args === "bigint" ? Number(index.args) : index.args;
  const fixed = typeof key === "string" || typeof key === "number" ? key : "";
  return extend(chain, fixed, node.op === "[?]");
}

function extend(chain: Chain, key: string | number, optional: boolean): Chain {
  if (chain.indexes.length > 0) return chain;
  return { ...chain, path: [...chain.path, key], optional: chain.optional || optional };
}
