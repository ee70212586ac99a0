import { InputError } from "#blueprints/error";
import type { AdaptedTool } from "./dialect.ts";

/** What a dialect allows as the name of a tool. */
export interface NameRule {
  /** One character that is allowed. */
  readonly character: RegExp;
  readonly longest: number;
}

/** FNV-1a over UTF-16 code units, as 7 base-36 digits: only to tell changed names apart. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(36).padStart(7, "0");
}

/**
 * The name in a dialect. A name that fits stays; any other gets a hash of the original at its end, so
 * that two names never fall together and adding a tool never renames another.
 */
export function adaptName(name: string, { character, longest }: NameRule): string {
  const allowed = Array.from(name)
    .map((one) => (character.test(one) ? one : "_"))
    .join("");
  const startsWell = /^[A-Za-z_]/.test(allowed);
  if (allowed === name && startsWell && name.length <= longest) return name;
  const head = startsWell ? allowed : `t_${allowed}`;
  return `${head.slice(0, longest - 8)}_${shortHash(name)}`;
}

/** The tool that a model meant by a name of its dialect. */
export function findTool(name: unknown, tools: readonly AdaptedTool[]): AdaptedTool {
  const found = tools.find((tool) => tool.name === name);
  if (found) return found;
  throw new InputError(
    "adapter.unknown-tool",
    `There is no tool ${JSON.stringify(name) ?? "without a name"}.`,
    {
      fix: "Call a tool by the name under which it was listed.",
    },
  );
}
