import { type ASTNode, Environment, ParseError } from "@marcbachmann/cel-js";
import { InputError } from "../error.ts";
import { nearest } from "../nearest.ts";
import { expressionForms, expressionFunctions } from "./functions.ts";
import { expressionLimits, quote } from "./limits.ts";
import { replaceWords } from "./words.ts";

/** The grammar is CEL's, read by its parser; what an expression means is `evaluate.ts`. */
const grammar = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  enableOptionalTypes: true,
  limits: {
    maxAstNodes: expressionLimits.nodes,
    maxDepth: expressionLimits.depth,
    maxListElements: 200,
    maxMapEntries: 200,
    maxCallArguments: 32,
  },
});

const cacheSize = 1_000;
/** Oldest first; a tree is never changed, so callers share it. */
const cache = new Map<string, ASTNode>();

/** The syntax tree of an expression. Throws InputError `expression.syntax`. */
export function parseExpression(source: string): ASTNode {
  const known = cache.get(source);
  if (known) return known;
  if (source.length > expressionLimits.source) {
    throw syntaxError(
      source,
      `it is longer than ${expressionLimits.source} characters`,
      "Split it into several steps, or use a function.",
    );
  }
  const tree = read(source);
  checkCalls(tree, source);
  const oldest = cache.size >= cacheSize ? cache.keys().next().value : undefined;
  if (oldest !== undefined) cache.delete(oldest);
  cache.set(source, tree);
  return tree;
}

function syntaxError(source: string, problem: string, fix: string): InputError {
  return new InputError("expression.syntax", `\`${quote(source)}\`: ${problem}.`, { fix });
}

function read(source: string): ASTNode {
  try {
    return grammar.parse(replaceWords(source)).ast;
  } catch (error) {
    const problem = error instanceof ParseError ? error.summary : "it nests too deep";
    throw syntaxError(
      source,
      problem.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase()),
      'Write it like `input.total > 100 and not contains(input.tags, "test")`.',
    );
  }
}

/** The nodes right below one. */
export function children(node: ASTNode): readonly ASTNode[] {
  if (node.op === "value" || node.op === "id") return [];
  if (node.op === "call") return node.args[1];
  if (node.op === "rcall") return [node.args[1], ...node.args[2]];
  if (node.op === "!_" || node.op === "-_") return [node.args];
  if (node.op === "." || node.op === ".?") return [node.args[0]];
  if (node.op === "map") return node.args.flat();
  return node.args;
}

/** Name and arguments of a call, the receiver first. */
export function callOf(node: ASTNode): { name: string; args: readonly ASTNode[] } | undefined {
  if (node.op === "call") return { name: node.args[0], args: node.args[1] };
  return node.op === "rcall"
    ? { name: node.args[0], args: [node.args[1], ...node.args[2]] }
    : undefined;
}

/** Unknown names and wrong numbers of arguments are found here, not when it runs. */
function checkCalls(node: ASTNode, source: string): void {
  const call = callOf(node);
  if (call) checkCall(call.name, call.args.length, source);
  for (const child of children(node)) checkCalls(child, source);
}

function checkCall(name: string, count: number, source: string): void {
  const callable = Object.hasOwn(expressionForms, name)
    ? expressionForms[name]
    : Object.hasOwn(expressionFunctions, name)
      ? expressionFunctions[name]
      : undefined;
  if (!callable) {
    throw syntaxError(source, `there is no function ${name}()`, otherFunction(name));
  }
  const [least, most] = callable.arity;
  if (count < least || count > most) {
    throw syntaxError(
      source,
      `${name}() got ${count} argument${count === 1 ? "" : "s"}`,
      `Write it as \`${callable.signature}\`.`,
    );
  }
}

function otherFunction(name: string): string {
  if (name === "matches") {
    return 'Use like(text, "*@acme.com"), startsWith or contains; patterns belong in a function.';
  }
  const all = [...Object.keys(expressionFunctions), ...Object.keys(expressionForms)];
  const other = nearest(name, all);
  return other ? `Use ${other}().` : `Use one of: ${all.join(", ")}.`;
}
