import type { Tool } from "@modelcontextprotocol/client";
import { AerostackError, InputError, toWireError } from "#blueprints/error";
import type { AdaptedTool, Dialect } from "#registry-adapters/dialect";
import { dialects } from "#registry-adapters/dialects/index";

/** A tool that a dialect cannot say, and why. */
export interface LeftOut {
  readonly name: string;
  readonly reason: string;
}

export interface Adapted {
  readonly tools: readonly AdaptedTool[];
  readonly leftOut: readonly LeftOut[];
}

/** By definition: the catalogue keeps its tools as long as nothing changed. */
const known = new WeakMap<Tool, Map<Dialect, AdaptedTool | LeftOut>>();

/** Throws `dialect.unknown`. */
export function dialectOf(name: string): Dialect {
  const found = Object.entries(dialects).find(([one]) => one === name)?.[1];
  if (found) return found;
  throw new InputError("dialect.unknown", `There is no dialect "${name.slice(0, 40)}".`, {
    fix: `Use ?dialect= with one of: ${Object.keys(dialects).join(", ")}.`,
  });
}

export function adaptTools(tools: readonly Tool[], dialect: Dialect): Adapted {
  const all = tools.map((tool) => adaptOnce(tool, dialect));
  return {
    tools: all.filter((one) => "tool" in one),
    leftOut: all.filter((one) => "reason" in one),
  };
}

function adaptOnce(tool: Tool, dialect: Dialect): AdaptedTool | LeftOut {
  const kept = known.get(tool) ?? new Map<Dialect, AdaptedTool | LeftOut>();
  known.set(tool, kept);
  let adapted = kept.get(dialect);
  if (!adapted) kept.set(dialect, (adapted = adapt(tool, dialect)));
  return adapted;
}

function adapt(tool: Tool, dialect: Dialect): AdaptedTool | LeftOut {
  const { name, title, description, inputSchema, outputSchema, annotations } = tool;
  try {
    return dialect.toTool({
      name,
      inputSchema,
      ...(title === undefined ? {} : { title }),
      ...(description === undefined ? {} : { description }),
      ...(outputSchema === undefined ? {} : { outputSchema }),
      ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
    });
  } catch (error) {
    if (!(error instanceof AerostackError)) throw error;
    return { name, reason: toWireError(error).message };
  }
}
