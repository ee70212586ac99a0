import { z } from "zod";
import { getResource } from "#edge/deploy/get";
import { listableKinds } from "#edge/deploy/resources";
import { getExternal } from "../external-links.ts";
import { workspaceSlug } from "../fields.ts";
import { defineTool } from "../tool.ts";
import { toWireRecord } from "../wire.ts";

export const get = defineTool({
  name: "get",
  title: "Get",
  description:
    "One thing in full: a workspace with links, policies and what is live, a connected MCP server with quarantine, a resource with definition, versions, URLs, origin, a deployment with its tests, a token's or secret's state (never its value).",
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    kind: z.enum(listableKinds),
    id: z.string().min(1).max(120).describe("Id, name, or slug of a workspace."),
    workspace: workspaceSlug.optional().describe("For a name, token or secret."),
  }),
  output: z.object({ kind: z.string(), item: z.looseObject({}) }),
  async run({ services, actor }, request) {
    const { kind, id, workspace } = request;
    const connected =
      kind === "mcp" && workspace !== undefined
        ? await getExternal({ services, actor }, workspace, id)
        : undefined;
    const item = toWireRecord(connected ?? (await getResource(services, actor, request)));
    return {
      data: { kind: request.kind, item },
      summary: `The ${request.kind} ${request.id}.`,
    };
  },
});
