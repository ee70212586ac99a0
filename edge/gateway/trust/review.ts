import type { Tool } from "@modelcontextprotocol/client";
import { visible } from "./characters.ts";
import { fingerprint } from "./fingerprint.ts";
import { type Flag, flagsOf, isHolding, type Neighbours, OwnNames } from "./flags.ts";

/** A definition that was accepted, by the name that its server gave it. */
export type Pinned = ReadonlyMap<string, { readonly hash: string; readonly definition: Tool }>;

export interface Change {
  readonly path: string;
  /** JSON, invisible characters spelled out, shortened; absent: was not there. */
  readonly before?: string;
  readonly after?: string;
}

/** A tool that is neither listed nor called until somebody accepts it. */
export interface Quarantined {
  /** As its server calls it. */
  readonly tool: string;
  readonly reason: "new" | "changed" | "flagged";
  readonly flags: readonly Flag[];
  /** Against what was accepted; of a new tool empty. */
  readonly changes: readonly Change[];
  /** The untrusted definition as text, invisible characters spelled out. */
  readonly definition: string;
}

export interface Review {
  readonly accepted: readonly Tool[];
  readonly quarantined: readonly Quarantined[];
  /** Of accepted tools, by their server's name for them. */
  readonly flags: Readonly<Record<string, readonly Flag[]>>;
}

const shownChanges = 20;
const shownCharacters = 1000;
const definitionCharacters = 8000;

/**
 * What may be used of the tools that a server lists. Without `pinned` the server is new, and what
 * carries no holding flag is taken.
 */
export function reviewTools(
  seen: readonly Tool[],
  pinned: Pinned | undefined,
  foreign: Neighbours["foreign"],
): Review {
  const own = new OwnNames(seen.map(({ name }) => name));
  const accepted: Tool[] = [];
  const quarantined: Quarantined[] = [];
  const flagged: Record<string, Flag[]> = {};
  for (const tool of seen) {
    const flags = flagsOf(tool, { own, foreign } satisfies Neighbours);
    const reason = reasonOf(tool, pinned, flags);
    if (reason === undefined) {
      accepted.push(tool);
      if (flags.length > 0) flagged[tool.name] = flags;
      continue;
    }
    const before = pinned?.get(tool.name)?.definition;
    const definition = visible(JSON.stringify(tool)).slice(0, definitionCharacters);
    const changes = before ? changesOf(before, tool, "").slice(0, shownChanges) : [];
    quarantined.push({ tool: tool.name, reason, flags, changes, definition });
  }
  return { accepted, quarantined, flags: flagged };
}

function reasonOf(
  tool: Tool,
  pinned: Pinned | undefined,
  flags: readonly Flag[],
): Quarantined["reason"] | undefined {
  const pin = pinned?.get(tool.name);
  if (pin) return pin.hash === fingerprint(tool) ? undefined : "changed";
  if (flags.some(isHolding)) return "flagged";
  return pinned ? "new" : undefined;
}

function changesOf(before: unknown, after: unknown, path: string): Change[] {
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) =>
      changesOf(before[key], after[key], path === "" ? key : `${path}.${key}`),
    );
  }
  const [was, is] = [JSON.stringify(before), JSON.stringify(after)];
  if (was === is) return [];
  return [{ path, ...shown("before", was), ...shown("after", is) }];
}

function shown(key: "before" | "after", json: string | undefined): Partial<Change> {
  return json === undefined ? {} : { [key]: visible(json).slice(0, shownCharacters) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
