import MiniSearch from "minisearch";
import type { Tool } from "@modelcontextprotocol/client";
import type { Catalogue, CatalogueTool } from "#edge/gateway/catalogue";
import { isRecord, stringOf } from "#edge/gateway/upstream/json-rpc";
import type { WorkspaceIdentity } from "#edge/gateway/workspace-api";
import type { Actor } from "#edge/identity/actor";

/** Every word is also looked for with letters changed, which takes its time. */
const queryCharacters = 500;
/** Different sets of visible tools whose index is kept: a set per role and allow list. */
const keptIndexes = 8;

interface Indexed {
  /** The very tools of the catalogue: it makes new ones when anything changed. */
  readonly tools: readonly CatalogueTool[];
  readonly index: MiniSearch<Entry>;
}

interface Entry {
  readonly id: number;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly parameters: string;
}

/**
 * BM25 over the tools that an actor may use. Tools that it may not use are not in its index at all,
 * so they are neither found nor do they move what is.
 */
export class ToolSearch {
  readonly #catalogue: Catalogue;
  readonly #identity: () => WorkspaceIdentity;
  #indexed: Indexed[] = [];

  constructor(catalogue: Catalogue, identity: () => WorkspaceIdentity) {
    this.#catalogue = catalogue;
    this.#identity = identity;
  }

  /** The best first; every word counts, none must fit. Of a long query only the beginning is read. */
  find(actor: Actor, query: string, limit: number): Tool[] {
    const { tools, index } = this.#indexFor(actor);
    return index
      .search(query.slice(0, queryCharacters))
      .slice(0, limit)
      .flatMap(({ id }) => tools[id as number]?.tool ?? []);
  }

  #indexFor(actor: Actor): Indexed {
    const tools = this.#catalogue.list(actor, this.#identity());
    const known = this.#indexed.find((one) => isSame(one.tools, tools));
    if (known) return known;
    const built = { tools, index: build(tools) };
    this.#indexed = [built, ...this.#indexed.slice(0, keptIndexes - 1)];
    return built;
  }
}

function isSame(one: readonly CatalogueTool[], other: readonly CatalogueTool[]): boolean {
  return one.length === other.length && one.every((tool, at) => tool === other[at]);
}

function build(tools: readonly CatalogueTool[]): MiniSearch<Entry> {
  const index = new MiniSearch<Entry>({
    fields: ["name", "title", "description", "parameters"],
    tokenize: words,
    searchOptions: {
      boost: { name: 3, title: 2, parameters: 0.5 },
      prefix: (term) => term.length > 2,
      fuzzy: (term) => (term.length > 4 ? 0.2 : false),
    },
  });
  index.addAll(tools.map(({ tool }, id) => entryOf(tool, id)));
  return index;
}

function entryOf(tool: Tool, id: number): Entry {
  const { properties } = tool.inputSchema;
  const parameters = Object.entries(isRecord(properties) ? properties : {}).map(
    ([name, schema]) =>
      `${name} ${isRecord(schema) ? stringOf(schema["description"]).slice(0, 200) : ""}`,
  );
  return {
    id,
    name: tool.name,
    title: tool.title ?? tool.annotations?.title ?? "",
    description: (tool.description ?? "").slice(0, 4000),
    parameters: parameters.slice(0, 50).join(" "),
  };
}

/** `createIssue`, `create_issue` and `create-issue` are two words each. */
function words(text: string): string[] {
  return text
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}
