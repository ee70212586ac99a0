import { z } from "zod";
import { deleteResource } from "#edge/deploy/delete";
import { listableKinds } from "#edge/deploy/resources";
import { unlinkExternal } from "../external-links.ts";
import { workspaceSlug } from "../fields.ts";
import { defineTool } from "../tool.ts";

export const deleteTool = defineTool({
  name: "delete",
  title: "Delete",
  description:
    "Takes one thing away for good: calls to it fail from the next one on. A workspace takes everything in it along. Refused while something live needs it. Ask the person first.",
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: false,
    openWorldHint: false,
  },
  input: z.strictObject({
    kind: z.enum(listableKinds),
    id: z.string().min(1).max(120).describe("Id, name, or slug of a workspace."),
    workspace: workspaceSlug.optional().describe("For a name, token or secret."),
  }),
  output: z.object({ kind: z.string(), id: z.string(), name: z.string() }),
  async run({ services, actor }, request) {
    const { kind, id, workspace } = request;
    const unlinked =
      kind === "mcp" &&
      workspace !== undefined &&
      (await unlinkExternal({ services, actor }, workspace, id));
    const { deleted } = unlinked
      ? { deleted: { kind, id, name: id } }
      : await deleteResource(services, actor, request);
    return {
      data: { ...deleted },
      summary: `The ${deleted.kind} "${deleted.name}" is deleted.`,
    };
  },
});
