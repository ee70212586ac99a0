import type { Tool } from "@modelcontextprotocol/client";
import { firstInvisible, skeleton, visible } from "./characters.ts";

/** Something about a definition that a person should look at. */
export interface Flag {
  readonly kind:
    | "invisible-characters"
    | "hidden-instructions"
    /** Looks like another tool of the same server. */
    | "lookalike"
    /** Speaks of a tool of another server. */
    | "shadowing"
    /** Another server has a tool of this name. */
    | "collision";
  /** Where in the definition, as `description` or `inputSchema.properties.to.description`. */
  readonly where: string;
  readonly excerpt: string;
}

/** What stands beside a tool in its workspace. */
export interface Neighbours {
  /** The tools of the same server. */
  readonly own: OwnNames;
  /** Final and own names of the tools of other servers. */
  readonly foreign: { has(name: string): boolean };
}

/** The names of one server's tools, so that a lookalike is found at once among thousands. */
export class OwnNames {
  readonly #names: ReadonlySet<string>;
  readonly #bySkeleton = new Map<string, string[]>();

  constructor(names: readonly string[]) {
    this.#names = new Set(names);
    for (const name of this.#names) {
      const shape = skeleton(name);
      // Two are enough for each to have another.
      this.#bySkeleton.set(shape, [...(this.#bySkeleton.get(shape) ?? []).slice(0, 1), name]);
    }
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Another name that is hard to tell from this one. */
  twinOf(name: string): string | undefined {
    return this.#bySkeleton.get(skeleton(name))?.find((one) => one !== name);
  }
}

/** Sentences that speak to the model over the person's head. Every repetition is bounded. */
const instructions = [
  /\b(?:ignore|disregard|forget|override)\b.{0,30}\b(?:previous|prior|above|earlier|system|all|other)\b.{0,30}\b(?:instruction|prompt|rule|message|guideline)/isu,
  /\b(?:do not|don't|never|without)\b.{0,30}\b(?:tell|inform|mention|reveal|notify|alert|show)(?:ing)?\b.{0,30}\b(?:user|human|person|anyone)\b/isu,
  /<\s{0,3}(?:important|system|instructions?|secret|hidden|assistant|admin)\s{0,3}>/iu,
  /<\|im_start\|>|<<sys>>|\[\s{0,3}(?:system|inst)\s{0,3}\]|<!--/iu,
  /\b(?:before|after|when|whenever|always)\b.{0,60}\btools?\b.{0,80}\b(?:bcc|forward|exfiltrate|attach|read the (?:file|contents?)|send (?:the|all|a copy))\b/isu,
  /~\/\.ssh|\bid_rsa\b|\.aws\/credentials|\.cursor\/mcp\.json/iu,
  /ignor(?:iere|ieren sie|a|ar|ez|er|are)\b.{0,40}(?:anweisung|instruccion|instructions|istruzioni)/isu,
  /(?:忽略|无视).{0,12}(?:指令|提示|规则)|(?:игнорируй|забудь).{0,40}инструкци/isu,
];

/** What is wrong enough that a tool waits for a person even when its server is linked first. */
const holding = new Set<Flag["kind"]>(["invisible-characters", "hidden-instructions", "lookalike"]);

export function isHolding({ kind }: Flag): boolean {
  return holding.has(kind);
}

/** Time is linear in the size of the definition. */
export function flagsOf(tool: Tool, neighbours: Neighbours): Flag[] {
  const flags: Flag[] = [];
  for (const [where, text] of textsOf(tool, "")) {
    const hidden = firstInvisible(text);
    if (hidden >= 0) flags.push(flag("invisible-characters", where, text, hidden));
    const told = instructions.map((one) => text.search(one)).find((at) => at >= 0);
    if (told !== undefined) flags.push(flag("hidden-instructions", where, text, told));
    const foreign = where === "name" ? undefined : foreignName(text, neighbours, tool.name);
    if (foreign) flags.push(flag("shadowing", where, text, text.indexOf(foreign)));
  }
  const twin = neighbours.own.twinOf(tool.name);
  if (twin !== undefined) flags.push(flag("lookalike", "name", twin, 0));
  if (neighbours.foreign.has(tool.name)) flags.push(flag("collision", "name", tool.name, 0));
  return flags;
}

/** A name that is no ordinary word, so that a text that holds it means the tool. */
function foreignName(text: string, { own, foreign }: Neighbours, self: string): string | undefined {
  const words = text.match(/[A-Za-z][\w.-]{3,63}/g) ?? [];
  return words.find(
    (word) => /[_.-]|[a-z][A-Z]/.test(word) && foreign.has(word) && word !== self && !own.has(word),
  );
}

function flag(kind: Flag["kind"], where: string, text: string, at: number): Flag {
  return { kind, where, excerpt: visible(text.slice(Math.max(0, at - 20), at + 100)) };
}

function textsOf(value: unknown, path: string): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, one]) => {
    const where = path === "" ? key : `${path}.${key}`;
    const name: [string, string][] = /^[\w$.-]*$/.test(key) ? [] : [[`${where} (key)`, key]];
    return [...name, ...textsOf(one, where)];
  });
}
