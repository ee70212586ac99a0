import { z } from "zod";
import { once } from "#edge/deploy/idempotency";
import { createWorkspace as create } from "#edge/gateway/directory";
import { idempotencyKey, workspaceSlug } from "../fields.ts";
import { defineTool } from "../tool.ts";

export const createWorkspace = defineTool({
  name: "create_workspace",
  title: "Create a workspace",
  description:
    "Makes a workspace: one MCP URL in front of many MCP servers, and home of functions, workflows, endpoints. The slug is in its URL and stays.",
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: false,
    openWorldHint: false,
  },
  input: z.strictObject({
    slug: workspaceSlug,
    name: z.string().min(1).max(80).optional(),
    idempotency_key: idempotencyKey,
  }),
  output: z.object({
    id: z.string(),
    slug: z.string(),
    name: z.string(),
    gateway_url: z.string(),
  }),
  async run({ services, actor }, { idempotency_key: key, ...request }) {
    const { id, slug, name } = await once(
      services,
      actor,
      { tool: "create_workspace", key, request },
      () => create(services, actor, { slug: request.slug, name: request.name ?? request.slug }),
    );
    return {
      data: { id, slug, name, gateway_url: `${services.baseUrl}/ws/${slug}` },
      summary: `Workspace ${slug} is ready at ${services.baseUrl}/ws/${slug}.`,
      next: "connect_mcp to link MCP servers, or create a blueprint in it; issue_token for members.",
    };
  },
});
