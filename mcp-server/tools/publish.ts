import { z } from "zod";
import { publish as publishEntry } from "#edge/registry/publish";
import { idempotencyKey, resourceReference } from "../fields.ts";
import { defineTool } from "../tool.ts";

export const publish = defineTool({
  name: "publish",
  title: "Publish to the marketplace",
  description:
    "Shares a deployed function, skill or MCP server as @account/name at a version that never changes again. Others install it. Secrets never travel, only their names. Write a readme with one example: agents choose by it.",
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: true,
  },
  input: z.strictObject({
    resource: resourceReference,
    slug: z.string().max(103).describe("`@account/name`; the account is yours."),
    version: z.string().max(64).describe("Semantic version, e.g. 1.0.0."),
    readme: z.string().max(50_000).default("").describe("Markdown."),
    visibility: z.enum(["public", "private"]).default("public"),
    idempotency_key: idempotencyKey,
  }),
  output: z.object({
    slug: z.string(),
    version: z.string(),
    integrity: z.string(),
    adapters: z.record(z.string(), z.string()).describe("URL by dialect."),
    install: z.string(),
    url: z.string(),
  }),
  async run({ services, actor }, { idempotency_key: key, ...request }) {
    const answer = await publishEntry(services, actor, { ...request, idempotencyKey: key });
    return {
      data: { ...answer, adapters: { ...answer.adapters } },
      summary: `${answer.install} is published (${answer.integrity}).`,
      next: `Others use it with install, entry "${answer.install}", or "use": "${answer.install}" in a blueprint.`,
    };
  },
});
