import type { Tool } from "@modelcontextprotocol/client";
import type { Actor } from "#edge/identity/actor";
import { mayUse } from "./authorise.ts";
import type { LiveItems } from "./live.ts";
import { finalName } from "./tool-names.ts";
import type { OfferedTool } from "./trust/offered.ts";
import type { WorkspaceIdentity } from "./workspace-api.ts";
import type { LiveFunction, LiveItem, LiveSkill } from "./live-items.ts";

/** Where a tool of the workspace leads to. */
type ToolSource =
  | { readonly kind: "upstream"; readonly alias: string; readonly tool: string }
  | { readonly kind: "function"; readonly name: string }
  | { readonly kind: "skill"; readonly name: string };

export interface CatalogueTool {
  /** As clients see it, under its final name. */
  readonly tool: Tool;
  readonly source: ToolSource;
  /** Alias of the MCP server, `fn` or `skill`: the `mcp` of the call log. */
  readonly mcp: string;
  readonly readOnly: boolean;
}

interface CataloguePlace {
  readonly links: { tools(): { alias: string; tools: readonly OfferedTool[] }[] };
  readonly live: LiveItems;
}

/** Every tool of the workspace by final name, put together anew only when something changed. */
export class Catalogue {
  readonly #place: CataloguePlace;
  #tools: ReadonlyMap<string, CatalogueTool> | undefined;

  constructor(place: CataloguePlace) {
    this.#place = place;
  }

  invalidate(): void {
    this.#tools = undefined;
  }

  /** In an order that depends on the names alone. */
  list(actor: Actor, workspace: WorkspaceIdentity): CatalogueTool[] {
    return [...this.#all().values()].filter((one) => isAllowed(one, actor, workspace));
  }

  /** Undefined where there is no such tool, and where the actor may not use it. */
  find(name: string, actor: Actor, workspace: WorkspaceIdentity): CatalogueTool | undefined {
    const found = this.#all().get(name);
    return found && isAllowed(found, actor, workspace) ? found : undefined;
  }

  /** For the log of calls that were denied. */
  exists(name: string): boolean {
    return this.#all().has(name);
  }

  #all(): ReadonlyMap<string, CatalogueTool> {
    if (this.#tools) return this.#tools;
    const linked = this.#place.links
      .tools()
      .flatMap(({ alias, tools }) => tools.map((tool) => fromUpstream(alias, tool)));
    const own = this.#place.live.list().map(fromLive);
    const all = [...own.filter((tool) => tool !== undefined), ...linked];
    const byName = new Map<string, CatalogueTool>();
    // A name that is taken stays with its first owner: nobody can shadow another server's tool.
    for (const one of all) if (!byName.has(one.tool.name)) byName.set(one.tool.name, one);
    this.#tools = new Map([...byName].sort(([a], [b]) => (a < b ? -1 : 1)));
    return this.#tools;
  }
}

function isAllowed(one: CatalogueTool, actor: Actor, workspace: WorkspaceIdentity): boolean {
  return mayUse(actor, workspace, { name: one.tool.name, readOnly: one.readOnly });
}

function fromUpstream(alias: string, { name, tool }: OfferedTool): CatalogueTool {
  const meta = { ...tool["_meta"], "dev.aerostack/upstream": { mcp: alias, tool: tool.name } };
  return {
    tool: { ...tool, name, _meta: meta },
    source: { kind: "upstream", alias, tool: tool.name },
    mcp: alias,
    readOnly: tool.annotations?.readOnlyHint === true,
  };
}

function fromLive(item: LiveItem): CatalogueTool | undefined {
  if (item.kind === "function") return fromFunction(item.name, item.definition);
  if (item.kind === "skill") return fromSkill(item.name, item.definition);
  return undefined;
}

function fromFunction(name: string, definition: LiveFunction): CatalogueTool {
  const { description, input, output, effect, egress } = definition;
  const readOnly = effect === "pure" || effect === "read";
  const inputSchema = { properties: {}, ...input, type: "object" as const };
  // The protocol of the initialize era knows object results only.
  const outputSchema =
    output["type"] === "object" ? { outputSchema: { ...output, type: "object" as const } } : {};
  return {
    tool: {
      name: finalName("fn", name),
      description,
      inputSchema,
      ...outputSchema,
      annotations: {
        readOnlyHint: readOnly,
        idempotentHint: effect !== "external",
        ...(readOnly ? { destructiveHint: false } : {}),
        openWorldHint: egress.length > 0,
      },
    },
    source: { kind: "function", name },
    mcp: "fn",
    readOnly,
  };
}

function fromSkill(name: string, definition: LiveSkill): CatalogueTool {
  return {
    tool: {
      name: finalName("skill", name),
      description: `${definition.description} Answers with instructions to follow.`.trim(),
      inputSchema: { type: "object", properties: {} },
      annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
    },
    source: { kind: "skill", name },
    mcp: "skill",
    readOnly: true,
  };
}
