import { z } from "zod";
import { listableKinds, listResources } from "#edge/deploy/resources";
import { listExternalLinks } from "../external-links.ts";
import { workspaceSlug } from "../fields.ts";
import { defineTool } from "../tool.ts";
import { toWireRecord } from "../wire.ts";

export const list = defineTool({
  name: "list",
  title: "List",
  description:
    "Lists what the account has of one kind, newest first, in one workspace or in all. Runs, members, tokens and secrets need a workspace. Kind mcp with a workspace shows connected servers too.",
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    kind: z.enum(listableKinds),
    workspace: workspaceSlug.optional(),
    limit: z.int().min(1).max(200).default(50),
    cursor: z.string().max(64).optional().describe("next_cursor of the page before."),
  }),
  output: z.object({ items: z.array(z.looseObject({})), next_cursor: z.string().optional() }),
  async run({ services, actor }, request) {
    const { items: stored, nextCursor } = await listResources(services, actor, request);
    const names = new Set(stored.map((item) => item["name"]));
    const linked =
      request.kind === "mcp" && request.workspace !== undefined && request.cursor === undefined
        ? await listExternalLinks({ services, actor }, request.workspace, names)
        : [];
    const items = [...stored, ...linked];
    return {
      data: {
        items: items.map(toWireRecord),
        ...(nextCursor ? { next_cursor: nextCursor } : {}),
      },
      summary: `${items.length} of kind ${request.kind}${request.workspace ? ` in ${request.workspace}` : ""}.`,
      ...(nextCursor ? { next: `list again with cursor ${nextCursor} for more.` } : {}),
    };
  },
});
