import { z } from "zod";
import { entryKinds } from "#edge/registry/entry";
import { searchRegistry as search } from "#edge/registry/search";
import { defineTool } from "../tool.ts";

export const searchRegistry = defineTool({
  name: "search_registry",
  title: "Search the marketplace",
  description:
    "Finds published functions, skills and MCP servers by words and kind. Look here before you write code: each hit says what it takes, gives and needs. Use one with install, or in a blueprint as use: reference.",
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    query: z.string().max(500).describe("Words; empty: the most installed."),
    kind: z.enum(entryKinds).optional(),
    limit: z.int().min(1).max(50).default(10),
  }),
  output: z.object({
    hits: z.array(
      z.looseObject({
        reference: z.string(),
        kind: z.string(),
        description: z.string(),
      }),
    ),
  }),
  async run({ services, actor }, { query, kind, limit }) {
    const { hits } = await search(services, actor, { query, kind, limit });
    const best = hits[0];
    return {
      data: {
        hits: hits.map(({ similarTo, ...hit }) => ({
          ...hit,
          ...(similarTo ? { similar_to: similarTo } : {}),
        })),
      },
      summary: `${hits.length === 1 ? "1 of the marketplace's entries fits" : `${hits.length} of the marketplace's entries fit`} "${query}".`,
      next: best
        ? `install ${best.reference} into a workspace, or put "use": "${best.reference}" into a blueprint.`
        : "Try other words, or write it yourself with plan.",
    };
  },
});
