import type { Tool } from "@modelcontextprotocol/client";
import { InputError } from "#blueprints/error";
import { finalName } from "#edge/gateway/tool-names";
import type { McpLink } from "#edge/gateway/workspace-api";

/** A tool of a link as its workspace shows it. */
export interface OfferedTool {
  /** Final name. */
  readonly name: string;
  /** Under its server's name, with what the workspace says about it instead. */
  readonly tool: Tool;
}

/** What a link lets through, names and descriptions as the workspace wants them. */
export function offeredTools(link: McpLink, accepted: readonly Tool[]): OfferedTool[] {
  const allowed = link.tools;
  const shown = allowed ? accepted.filter(({ name }) => allowed.includes(name)) : accepted;
  const taken = new Set(accepted.map(({ name }) => name));
  return shown.map((tool) => {
    const override = Object.hasOwn(link.overrides ?? {}, tool.name)
      ? link.overrides?.[tool.name]
      : undefined;
    // Another tool keeps its own name, whatever a third one should be called.
    const wanted = override?.name;
    const name = wanted !== undefined && !taken.has(wanted) ? wanted : tool.name;
    const { description } = override ?? {};
    return {
      name: finalName(link.alias, name),
      tool: description === undefined ? tool : { ...tool, description },
    };
  });
}

/** Throws `mcp.overrides` for two tools of one name. */
export function checkOverrides({ overrides = {} }: McpLink): void {
  const names = Object.values(overrides).flatMap(({ name }) => (name === undefined ? [] : [name]));
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice === undefined) return;
  throw new InputError("mcp.overrides", `Two tools cannot both be called "${twice}".`, {
    fix: "Give each tool a name of its own.",
  });
}
