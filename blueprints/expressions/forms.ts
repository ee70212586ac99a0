import type { ASTNode } from "@marcbachmann/cel-js";
import { type Evaluation, MissingError, plain, truth } from "./evaluation.ts";
import { listArgument } from "./function.ts";
import { absent } from "./values.ts";

type Form = (args: readonly ASTNode[], evaluation: Evaluation) => unknown;

/** The value, or `absent` where the path leads nowhere. */
function attempt(node: ASTNode | undefined, evaluation: Evaluation): unknown {
  try {
    return node ? evaluation.run(node) : absent;
  } catch (error) {
    if (error instanceof MissingError) return absent;
    throw error;
  }
}

const otherwise: Form = ([value, fallback], evaluation) => {
  const found = attempt(value, evaluation);
  if (found !== absent && found !== null) return found;
  return fallback ? evaluation.run(fallback) : null;
};

/** Calls `body` for each item with the item in sight. */
function each(
  [list, name]: readonly ASTNode[],
  evaluation: Evaluation,
  form: string,
): { item: unknown; inside: Evaluation }[] {
  const items = listArgument(list ? plain(evaluation.run(list)) : null, form);
  const key = name?.op === "id" ? name.args : "";
  evaluation.budget.spend(items.length);
  return items.map((item) => ({ item, inside: evaluation.within({ [key]: item }) }));
}

function count(args: readonly ASTNode[], evaluation: Evaluation, form: string): [number, number] {
  const condition = args[2];
  const items = each(args, evaluation, form);
  const held = items.filter(({ inside }) => condition && truth(condition, inside, form));
  return [held.length, items.length];
}

/** Which arguments are evaluated, how often and with which names is decided here. */
export const forms: Readonly<Record<string, Form>> = {
  has: ([path], evaluation) => attempt(path, evaluation) !== absent,
  default: otherwise,
  orValue: otherwise,
  map(args, evaluation) {
    const [condition, body] = args.length === 4 ? [args[2], args[3]] : [undefined, args[2]];
    return each(args, evaluation, "map")
      .filter(({ inside }) => !condition || truth(condition, inside, "map"))
      .map(({ inside }) => (body ? plain(inside.run(body)) : null));
  },
  filter(args, evaluation) {
    const condition = args[2];
    return each(args, evaluation, "filter")
      .filter(({ inside }) => condition && truth(condition, inside, "filter"))
      .map(({ item }) => item);
  },
  all(args, evaluation) {
    const [held, total] = count(args, evaluation, "all");
    return held === total;
  },
  exists: (args, evaluation) => count(args, evaluation, "exists")[0] > 0,
  exists_one: (args, evaluation) => count(args, evaluation, "exists_one")[0] === 1,
};
